// SPDX-License-Identifier: MPL-2.0

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
