// SPDX-License-Identifier: MPL-2.0

import { countsAgainstSource } from '../../../src/engine/packet/counted-failures';
import { dropReasons } from '../../../src/engine/packet/drop-reasons';

/** docs/protocol.md 7 names what counts; the list is closed, so that a reason that is added counts only if it is put here. */
test('these reasons count against a source, and no other', () => {
  expect(dropReasons.filter(countsAgainstSource)).toEqual([
    'credential-invalid',
    'algorithm-not-supported',
    'authentication-fail',
    'timestamp-fail',
    'signature-fail',
    'envelope-open-fail',
    'query-unsigned',
    'key-identifier-mismatch',
  ]);
});
