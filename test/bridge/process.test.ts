// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { runFixture } from './support/fixture';
import { userId } from '../../src/bridge';

test('users are found by their names, and those that there are not are none', () => {
  expect([userId('root'), userId('nobody'), userId('nobody-at-all'), userId('')]).toEqual([
    0,
    65_534,
    undefined,
    undefined,
  ]);
});

test('a process that forbids them leaves no core, whatever it was allowed', () => {
  const { status, stdout, stderr } = runFixture('no-core.cjs', [], 'ulimit -Hc 4096 && ulimit -Sc 2048');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  // AddressSanitizer forbids them too, but only the soft limit.
  expect(stdout).toMatch(/^before Max core file size +\d+ +2097152 .*\nafter Max core file size +0 +0 /);
});
