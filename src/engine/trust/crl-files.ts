// SPDX-License-Identifier: MPL-2.0

import { canonicalName, describeCrl } from '../../pki';
import { errorText } from '../../support';
import { bufferOf, type WorkerMaterial } from '../clients/server-material';
import { pathText, problemText, type SettingPath, type SettingsProblem } from '../settings';

/** CRLs, DER, by the file that they were read from last. */
export type CrlFiles = ReadonlyMap<string, readonly Buffer[]>;

/** CRLs to verify with, and those that only tell what was revoked. */
export type CurrentCrls = Pick<WorkerMaterial['trust'], 'crls' | 'lapsedCrls'>;

export interface RefreshedCrls extends CurrentCrls {
  readonly files: CrlFiles;
  /** One line for each file that cannot be used, and for each issuer that has lost its last CRL otherwise. */
  readonly problems: readonly string[];
}

/**
 * Reads the files anew. One that cannot be used closes its issuers: not only its CRLs go, but all of the same issuers',
 * since what a lost delta or partial CRL revoked the others do not revoke.
 * @param known the files in the order of the settings
 * @param current what is replaced
 * @param read throws where a file is not there, or not what it should be
 * @param path of the setting
 */
export function refreshCrls(
  known: CrlFiles,
  current: CurrentCrls,
  read: (file: string) => readonly Buffer[],
  path: SettingPath = ['parameters', 'crls'],
): RefreshedCrls {
  const files = new Map(known);
  const problems: string[] = [];
  const closed = new Set<string>();
  [...known].forEach(([file, last], at) => {
    try {
      files.set(file, read(file));
    } catch (error) {
      const reason = errorText(error);
      const text = reason.includes(file) ? reason : `${file}: ${reason}`;
      problems.push(problemText({ code: 'bad-file', path: [...path, at], text } satisfies SettingsProblem));
      last.forEach((der) => closed.add(issuerOf(der)));
    }
  });
  const all = [...files.values()].flat();
  const crls = all.filter((der) => !closed.has(issuerOf(der)));
  const lapsedCrls = lapsed(crls, all, current.crls, current.lapsedCrls);
  problems.push(
    ...withoutCrl(
      lapsedCrls.filter((der) => !closed.has(issuerOf(der))),
      path,
    ),
  );
  return { files, crls, lapsedCrls, problems };
}

/**
 * The last CRLs of each issuer that has none among `crls`. What they revoke stays revoked, and nothing else of their
 * issuer is accepted.
 * @param crls those that are loaded
 * @param earlier from the newest to the oldest: the first that has any CRL of an issuer counts for it
 */
export function lapsed(
  crls: readonly Uint8Array[],
  ...earlier: readonly (readonly Uint8Array[])[]
): Uint8Array[] {
  const settled = new Set(crls.map(issuerOf));
  return earlier.flatMap((some) => {
    const last = some.filter((der) => !settled.has(issuerOf(der)));
    last.forEach((der) => settled.add(issuerOf(der)));
    return last;
  });
}

/** One line for each issuer of these CRLs. @param path of the setting */
export function withoutCrl(lapsedCrls: readonly Uint8Array[], path: SettingPath): string[] {
  const issuers = new Map(lapsedCrls.map((der) => [issuerOf(der), describeCrl(bufferOf(der), 'CRL').issuer]));
  return [...issuers.values()].map(
    (issuer) => `no file of ${pathText(path)} has a CRL of ${issuer} any more`,
  );
}

/** A CRL may list many thousands, and is looked at again at each change of any. */
const issuers = new WeakMap<Uint8Array, string>();

/** The issuer's name in canonical form, in hexadecimal. */
function issuerOf(der: Uint8Array): string {
  const known = issuers.get(der);
  if (known !== undefined) {
    return known;
  }
  const issuer = canonicalName(describeCrl(bufferOf(der), 'CRL').issuerDer).toString('hex');
  issuers.set(der, issuer);
  return issuer;
}
