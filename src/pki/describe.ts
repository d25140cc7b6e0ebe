// SPDX-License-Identifier: MPL-2.0

import type { RecipientPublicKey } from '../crypto';
import { type CertificateFields, parseCertificate } from './certificate';
import { distinguishedNameText } from './distinguished-name';
import { PkiError } from './errors';
import {
  basicConstraints,
  extendedKeyUsage,
  KeyPurposeId,
  keyUsage,
  type SubjectAltNames,
  subjectAltNames,
} from './extensions';
import { publicKeyFrom } from './keys';

/** What people want to know of anyone's certificate. */
export interface CertificateDescription {
  readonly subject: string;
  readonly issuer: string;
  /** Hexadecimal. */
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** undefined if the key is of a kind that docs/protocol.md 2 does not list. */
  readonly key: RecipientPublicKey | undefined;
  readonly subjectAltNames: SubjectAltNames;
  readonly isAuthority: boolean;
  readonly keyUsage: readonly string[] | undefined;
  /** By name if they are serverAuth or clientAuth, otherwise dotted. */
  readonly extendedKeyUsage: readonly string[] | undefined;
}

/** @throws PkiError `certificate-malformed` */
export function describeCertificate(der: Buffer, source: string): CertificateDescription {
  const fields = parseCertificate(der, source);
  const usages = keyUsage(fields, source);
  const purposes = extendedKeyUsage(fields, source);
  return {
    subject: distinguishedNameText(fields.subjectDer),
    issuer: distinguishedNameText(fields.issuerDer),
    serial: fields.serial,
    notBefore: fields.notBefore,
    notAfter: fields.notAfter,
    key: supportedKey(fields, source),
    subjectAltNames: subjectAltNames(fields, source),
    isAuthority: basicConstraints(fields, source)?.cA === true,
    keyUsage: usages === undefined ? undefined : [...usages],
    extendedKeyUsage: purposes === undefined ? undefined : Array.from(purposes, purposeName),
  };
}

function supportedKey(fields: CertificateFields, source: string): RecipientPublicKey | undefined {
  try {
    return publicKeyFrom(fields.spki, source);
  } catch (error) {
    if (error instanceof PkiError) {
      return undefined;
    }
    throw error;
  }
}

function purposeName(oid: string): string {
  const [name] = Object.entries(KeyPurposeId).find(([, known]) => known === oid) ?? [oid];
  return name;
}
