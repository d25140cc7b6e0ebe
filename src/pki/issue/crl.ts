// SPDX-License-Identifier: MPL-2.0

import { webcrypto } from 'node:crypto';
import { DerReader, Tag } from '../../bridge';
import { describeCrl } from '../crl';
import { PkiError } from '../errors';
import { ExtensionId } from '../extensions';
import { encodePem } from '../pem';
import { Extension, Name, PublicKey, X509Crl, X509CrlGenerator, X509CrlReason } from '../x509';
import { type Authority, requireCrlSigner } from './authority';
import { authorityKeyIdentifier, signerOf, validityFrom } from './signing';
import { sameName } from '../same-name';

/** The reasons of RFC 5280 section 5.3.1 that an authority of this kind can have. */
export const revocationReasonNames = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const satisfies readonly (keyof typeof X509CrlReason)[];

export type RevocationReason = (typeof revocationReasonNames)[number];

export interface Revocation {
  /** Hexadecimal. */
  readonly serial: string;
  readonly date: Date;
  readonly reason: RevocationReason;
}

/** What an authority has revoked so far. */
export interface RevocationList {
  /** cRLNumber: each list's is greater than the one's before (RFC 5280 section 5.2.3). */
  readonly number: bigint;
  readonly revocations: readonly Revocation[];
}

export interface CrlRequest extends RevocationList {
  readonly authority: Authority;
  /** Until the next list is due. */
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Signs a certificate revocation list (RFC 5280 section 5) and gives it back in PEM.
 * @throws PkiError `invalid-argument` or `not-an-authority`
 */
export async function createCrl(request: CrlRequest): Promise<string> {
  const { authority, number, revocations, now, days } = request;
  requireCrlSigner(authority);
  const { notBefore, notAfter } = validityFrom(now, days);
  const crl = await X509CrlGenerator.create(
    {
      issuer: new Name(authority.fields.subjectDer),
      thisUpdate: notBefore,
      nextUpdate: notAfter,
      entries: revocations.map(({ serial, date, reason }) => ({
        serialNumber: serial,
        revocationDate: date,
        // RFC 5280 section 5.3.1: unspecified is said by saying nothing.
        ...(reason !== 'unspecified' && { reason: X509CrlReason[reason] }),
      })),
      extensions: [
        authorityKeyIdentifier(authority),
        new Extension(ExtensionId.CrlNumber, false, derInteger(number)),
      ],
      ...(await signerOf(authority.key)),
    },
    webcrypto,
  );
  return encodePem('X509 CRL', Buffer.from(crl.rawData));
}

/** The library would take no list of more than about 1400 entries; this one is the authority's own. */
const WITHOUT_BOUNDS = { maxNodes: Infinity, maxContentLength: Infinity };

/**
 * Reads back what the authority has revoked, from the last list that it signed.
 * @throws PkiError `signature-invalid` for a list of somebody else's, `crl-malformed`
 */
export async function readRevocations(
  der: Buffer,
  authority: Authority,
  source: string,
): Promise<RevocationList> {
  const { issuerDer } = describeCrl(der, source);
  try {
    const crl = new X509Crl(der, { berOptions: WITHOUT_BOUNDS });
    const publicKey = new PublicKey(authority.key.public.spki);
    if (!sameName(issuerDer, authority.fields.subjectDer) || !(await crl.verify({ publicKey }, webcrypto))) {
      throw new PkiError('signature-invalid', source, 'not a list that this authority has signed');
    }
    const number = crl.getExtension(ExtensionId.CrlNumber)?.value;
    return {
      number: number === undefined ? 0n : integerFrom(Buffer.from(number)),
      revocations: crl.entries.map(({ serialNumber, revocationDate, reason }) => ({
        serial: serialNumber.replace(/^(?:00)+(?=..)/, ''),
        date: revocationDate,
        reason: reasonName(reason),
      })),
    };
  } catch (error) {
    if (error instanceof PkiError) {
      throw error;
    }
    throw new PkiError('crl-malformed', source, 'not a certificate revocation list', { cause: error });
  }
}

function reasonName(code: X509CrlReason | undefined): RevocationReason {
  return revocationReasonNames.find((name) => X509CrlReason[name] === code) ?? 'unspecified';
}

/** A non-negative INTEGER in DER. */
function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const signed = octets.readUInt8(0) < 0x80 ? octets : Buffer.concat([Buffer.of(0), octets]);
  return Buffer.concat([Buffer.of(Tag.Integer, signed.length), signed]);
}

function integerFrom(der: Buffer): bigint {
  return BigInt(`0x${DerReader.wrap(der).unsignedInteger('cRLNumber').toString('hex')}`);
}
