// SPDX-License-Identifier: MPL-2.0

import type { Identity } from '../../pki';
import type { IdentityFiles } from './settings';

/** Reads and checks the files that settings name. Every method throws an Error that says what is wrong. */
export interface CredentialReader {
  /**
   * A server's certificate with its key: they match, and the certificate is one for a server (extended key
   * usage, key usage, dates).
   * @param now milliseconds since 1970
   * @param use a previous key only decrypts: its certificate may have expired
   * @param decrypts the key usage must allow to decrypt, too (docs/protocol.md 9)
   */
  identity(files: IdentityFiles, now: number, use: 'present' | 'previous', decrypts: boolean): Identity;
  /** DER certificates. */
  certificates(file: string): readonly Buffer[];
  /** DER certificate revocation lists. */
  crls(file: string): readonly Buffer[];
}
