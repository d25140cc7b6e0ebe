// SPDX-License-Identifier: MPL-2.0

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority, loadAuthority, privateKeyExposure } from '../../pki';
import { warn } from '../print';
import { type NewFile, writeFiles } from './write-files';

/** The directory of an authority. An intermediate authority has one of its own, with the same files. */
export class AuthorityDirectory {
  constructor(private readonly directory: string) {}

  /** Its certificate; of an intermediate authority also those above it. */
  get certificate(): string {
    return join(this.directory, 'ca.pem');
  }

  get privateKey(): string {
    return join(this.directory, 'ca.key');
  }

  get crl(): string {
    return join(this.directory, 'crl.pem');
  }

  /** Exists while a command changes the revocation list. */
  get crlLock(): string {
    return join(this.directory, 'crl.lock');
  }

  /** The certificate to trust. */
  get root(): string {
    return join(this.directory, 'root.pem');
  }

  /** @throws PkiError that names the file at fault */
  load(): Authority {
    const exposure = privateKeyExposure(this.privateKey);
    if (exposure !== undefined) {
      warn(exposure);
    }
    return loadAuthority(this.certificate, this.privateKey);
  }

  /**
   * Makes the directory, which only its owner can read, and the authority's files in it. Removes the revocation list of a
   * replaced authority: the new one can neither verify nor continue it.
   * @throws PkiError `file-exists`, `file-unwritable`
   */
  place(authority: Authority, more: readonly NewFile[], force: boolean): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const files = [
      { path: this.privateKey, text: authority.privateKeyPem, isSecret: true },
      { path: this.certificate, text: authority.certificatePem, isSecret: false },
    ];
    writeFiles([...files, ...more], force);
    if (force) {
      rmSync(this.crl, { force: true });
    }
  }
}
