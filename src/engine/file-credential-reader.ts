// SPDX-License-Identifier: MPL-2.0

import { loadIdentity, readCrls, readTrustAnchors } from '../pki';
import type { CredentialReader } from './settings';

/** Reads settings' files from disk, for the role of a server. */
export const fileCredentialReader: CredentialReader = {
  identity: (files, now, use) =>
    loadIdentity({
      certificate: files.certificate,
      privateKey: files.privateKey,
      purpose: 'server',
      now,
      allowExpired: use === 'previous',
    }),
  certificates: (file) => readTrustAnchors(file),
  crls: (file) => readCrls(file),
};
