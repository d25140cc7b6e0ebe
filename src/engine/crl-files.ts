// SPDX-License-Identifier: MPL-2.0

import { describeCrl } from '../pki';
import { certificateDigest } from './certification';
import { problemText, type SettingsProblem } from './settings';

/** CRLs, DER, by the file that they were read from last. */
export type CrlFiles = ReadonlyMap<string, readonly Buffer[]>;

export interface RefreshedCrls {
  readonly files: CrlFiles;
  /** What is to be in force. */
  readonly crls: readonly Buffer[];
  /** One line for each file that cannot be used. */
  readonly problems: readonly string[];
}

/**
 * Reads the files anew. One that cannot be used closes its issuers: not only its CRLs go, but all of the same issuers',
 * since what a lost delta or partial CRL revoked the others do not revoke. Without any CRL an issuer's certificates are
 * refused.
 * @param known the files in the order of the settings
 * @param read throws where a file is not there, or not what it should be
 */
export function refreshCrls(known: CrlFiles, read: (file: string) => readonly Buffer[]): RefreshedCrls {
  const files = new Map(known);
  const problems: string[] = [];
  const closed = new Set<string>();
  [...known].forEach(([file, last], at) => {
    try {
      files.set(file, read(file));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const text = reason.includes(file) ? reason : `${file}: ${reason}`;
      problems.push(
        problemText({ code: 'bad-file', path: ['parameters', 'crls', at], text } satisfies SettingsProblem),
      );
      last.forEach((der) => closed.add(issuerOf(der)));
    }
  });
  const crls = [...files.values()].flat().filter((der) => !closed.has(issuerOf(der)));
  return { files, crls, problems };
}

function issuerOf(der: Buffer): string {
  return describeCrl(der, 'CRL').issuer;
}

/** The certificates that the CRLs list, by their digests (certification.ts) in hexadecimal. */
export function revokedCertificates(crls: readonly Buffer[]): string[] {
  const digests = crls.flatMap((der) => {
    const { issuer, revoked } = describeCrl(der, 'CRL');
    return revoked.map((serial) => certificateDigest(issuer, serial).toString('hex'));
  });
  return [...new Set(digests)];
}
