// SPDX-License-Identifier: MPL-2.0

import { handleSource } from '../../../src/engine/packet/handle';

test('no two contexts have one handle', () => {
  const next = handleSource();
  expect(new Set(Array.from({ length: 100 }, next)).size).toBe(100);
});
