// SPDX-License-Identifier: MPL-2.0
import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { CredentialFiles } from './test-pki';

/** What the hook's commands and reservations call a key by: the SHA-256 of its SubjectPublicKeyInfo, hexadecimal. */
export async function keyOf({ certificate }: CredentialFiles): Promise<string> {
  const { publicKey } = new X509Certificate(await readFile(certificate));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
