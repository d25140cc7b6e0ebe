// SPDX-License-Identifier: MPL-2.0

import type { ClientIdentity } from './client-identity';

/**
 * docs/protocol.md 8: whether a key's certificate is a renewed one of another key's: the same issuer, and the
 * same subject and subjectAltName, not both empty.
 */
export function isRenewal(bound: ClientIdentity, presented: ClientIdentity): boolean {
  const [before, after] = [bound.certified, presented.certified];
  return (
    presented.kind === 'certificate' &&
    before?.names !== undefined &&
    after?.names !== undefined &&
    before.issuer.equals(after.issuer) &&
    before.names.equals(after.names)
  );
}
