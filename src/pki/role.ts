// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from './end-entity';
import { KeyPurposeId } from './extensions';

/** Whose certificate it is: a client's or a server's. */
export type Purpose = 'client' | 'server';

export interface RoleProblem {
  readonly rule: 'key-usage' | 'extended-key-usage';
  readonly message: string;
}

/**
 * Why a certificate is not made for a role, undefined if it is (docs/protocol.md 2): the extended key usage must
 * name the role (anyExtendedKeyUsage is no role), keyUsage, if present, must allow what the role does.
 *
 * @param decrypts the key must be allowed to decrypt, too (docs/protocol.md 9)
 */
export function roleProblem(
  endEntity: EndEntity,
  purpose: Purpose,
  decrypts = false,
): RoleProblem | undefined {
  const usage = `${purpose}Auth` as const;
  if (endEntity.extendedKeyUsage?.has(KeyPurposeId[usage]) !== true) {
    const found = endEntity.extendedKeyUsage === undefined ? 'has no extended key usage' : 'has another';
    return {
      rule: 'extended-key-usage',
      message: `a ${purpose}'s certificate must have the extended key usage ${usage}, this one ${found}`,
    };
  }
  const toDecrypt = endEntity.keyType === 'RSA' ? 'keyEncipherment' : 'keyAgreement';
  const needed = decrypts ? (['digitalSignature', toDecrypt] as const) : (['digitalSignature'] as const);
  const missing = needed.filter((bit) => endEntity.keyUsage?.has(bit) === false);
  if (missing.length > 0) {
    return {
      rule: 'key-usage',
      message: `keyUsage must allow ${needed.join(' and ')} with a key of type ${endEntity.keyType}, this one lacks ${missing.join(' and ')}`,
    };
  }
  return undefined;
}
