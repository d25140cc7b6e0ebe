// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { native } from '../../src/bridge/native';
import { runFixture } from './support/fixture';

test('an exception that leaves a handler is an uncaught exception, and the frames behind it are delivered', () => {
  const { status, stdout, stderr } = runFixture('throwing-handler.cjs', []);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toEqual([
    'frame 1',
    'uncaught: handler 1',
    'frame 2',
    'uncaught: handler 2',
    'frame 3',
    'uncaught: handler 3',
    'microtask',
    'uncaught: closed ended',
  ]);
});

test('a handler that gives the memory of the frames away loses the channel, and nothing else', () => {
  const run = runFixture('transferred-slab.cjs', []);
  expect(run).toEqual({ status: 0, signal: null, stdout: 'frame 1\nclosed failed\n', stderr: '' });
});

test('src/bridge keeps that memory from being transferred', () => {
  const { buffer } = native.slab();
  try {
    structuredClone(0, { transfer: [buffer as ArrayBuffer] });
  } catch {
    // Later versions of Node.js throw, earlier ones leave it where it is.
  }
  expect(buffer.byteLength).toBeGreaterThan(0);
});
