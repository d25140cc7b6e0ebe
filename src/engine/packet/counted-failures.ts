// SPDX-License-Identifier: MPL-2.0

import type { DropReason } from './drop-reasons';

/**
 * What counts against a source (docs/protocol.md 7): that something does not verify, and that an opening query proves
 * nothing. What is dropped for another reason does not: it costs little, or may be meant for another server, or is lost in a race.
 */
const countedAgainstSource: ReadonlySet<DropReason> = new Set([
  // the credential, and its path
  'algorithm-not-supported',
  'credential-invalid',
  'authentication-fail',
  'key-identifier-mismatch',
  'timestamp-fail',
  'signature-fail',
  // an AEAD tag, or an enc that its KEM refuses
  'envelope-open-fail',
  'query-unsigned',
]);

export function countsAgainstSource(reason: DropReason): boolean {
  return countedAgainstSource.has(reason);
}
