// SPDX-License-Identifier: MPL-2.0

import { lastingCopy } from '../../../src/engine/packet/lasting-copy';

test('a lasting copy has memory of its own, and no more than it needs', () => {
  const octets = Buffer.from('04abcdef', 'hex');
  const copy = lastingCopy(octets);
  octets.fill(0);
  expect(copy.toString('hex')).toBe('04abcdef');
  expect(copy.buffer.byteLength).toBe(4);
  // What it is there for: a copy by Node.js is a part of something larger.
  expect(Buffer.from(copy).buffer.byteLength).toBeGreaterThan(4);
});
