// SPDX-License-Identifier: MPL-2.0

import { loadIdentity, readCrls, readTrustAnchors } from '../pki';
import type { CredentialReader } from './settings';

/** Reads settings' files from disk, for the role of a server. */
export const fileCredentialReader: CredentialReader = {
  identity: (files, now) =>
    loadIdentity({
      certificate: files.certificate,
      privateKey: files.privateKey,
      purpose: 'server',
      now: now ?? 0,
      allowExpired: now === undefined,
    }),
  certificates: (file) => readTrustAnchors(file),
  crls: (file) => readCrls(file),
};
