// SPDX-License-Identifier: MPL-2.0
import type { RecipientPublicKey } from '../../../src/crypto';
import { EndEntity, readPemCertificates } from '../../../src/pki';
import type { CredentialFiles } from './test-pki';

/** The public key of a certificate file's end entity. */
export function publicKeyOf({ certificate }: CredentialFiles): RecipientPublicKey {
  return EndEntity.parse(readPemCertificates(certificate)[0] ?? Buffer.alloc(0)).key;
}
