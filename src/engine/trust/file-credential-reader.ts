// SPDX-License-Identifier: MPL-2.0

import { loadIdentity, readTrustFile } from '../../pki';
import type { CredentialReader } from '../settings';

/** Reads settings' files from disk, for the role of a server. */
export const fileCredentialReader: CredentialReader = {
  identity: (files, now, use, decrypts) =>
    loadIdentity({
      certificate: files.certificate,
      privateKey: files.privateKey,
      privateKeyCommand: files.privateKeyCommand,
      purpose: 'server',
      now,
      decrypts,
      allowExpired: use === 'previous',
    }),
  certificates: (file) => readTrustFile('anchors', file),
  crls: (file) => readTrustFile('crls', file),
};

/** The same, which also notes which file each CRL came from. */
export function rememberingCrls(files: Map<string, readonly Buffer[]>): CredentialReader {
  return {
    ...fileCredentialReader,
    crls: (file) => {
      const crls = fileCredentialReader.crls(file);
      files.set(file, crls);
      return crls;
    },
  };
}
