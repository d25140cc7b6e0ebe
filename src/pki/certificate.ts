// SPDX-License-Identifier: MPL-2.0

import { DerError, type DerElement, DerReader, Tag } from '../bridge';
import { PkiError, type PkiErrorCode } from './errors';

/** An extension's value (RFC 5280 section 4.2), not looked into. */
export interface CertificateExtension {
  readonly critical: boolean;
  /** What its octet string holds, DER. */
  readonly value: Buffer;
}

/** The fields of a certificate (RFC 5280 section 4.1), in DER if they are names, keys or extensions. */
export interface CertificateFields {
  readonly der: Buffer;
  /** Hexadecimal, at least two digits, with a `-` in front if it is negative. */
  readonly serial: string;
  readonly issuerDer: Buffer;
  readonly subjectDer: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly spki: Buffer;
  /** By object identifier, dotted. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
}

const contextConstructed = (number: number): number => 0xa0 | number;
const contextPrimitive = (number: number): number => 0x80 | number;

/**
 * Reads exactly one X.509 certificate in strict DER (RFC 5280 section 4.1), nothing after it. Buffers are
 * views into the input. Says nothing about trust.
 * @param source names it in errors
 * @throws PkiError `certificate-malformed`, which names the octet
 */
export function parseCertificate(der: Buffer, source: string): CertificateFields {
  return asPkiError('certificate-malformed', source, 'not a certificate in DER', () => {
    const certificate = DerReader.open(der, Tag.Sequence, 'the certificate');
    const tbsCertificate = certificate.constructed(Tag.Sequence, 'tbsCertificate');
    const signatureAlgorithm = certificate.element('signatureAlgorithm', Tag.Sequence);
    certificate.element('signatureValue', Tag.BitString);
    certificate.end('a certificate');
    return readTbsCertificate(tbsCertificate, signatureAlgorithm, der);
  });
}

/** Runs a reader of DER and turns its refusal into a PkiError. */
export function asPkiError<T>(code: PkiErrorCode, source: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) {
      throw new PkiError(code, source, `${what}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

function readTbsCertificate(tbs: DerReader, signatureAlgorithm: DerElement, der: Buffer): CertificateFields {
  const version = readVersion(tbs);
  const serial = serialText(tbs.element('serialNumber', Tag.Integer).contents);
  const signature = tbs.element('signature', Tag.Sequence);
  if (!signature.encoded.equals(signatureAlgorithm.encoded)) {
    // RFC 5280 section 4.1.1.2
    throw new DerError(signature.offset, 'signature and signatureAlgorithm differ');
  }
  const issuerDer = readName(tbs, 'issuer');
  const validity = tbs.constructed(Tag.Sequence, 'validity');
  const notBefore = readTime(validity, 'notBefore');
  const notAfter = readTime(validity, 'notAfter');
  validity.end('validity');
  const subjectDer = readName(tbs, 'subject');
  const spki = tbs.element('subjectPublicKeyInfo', Tag.Sequence).encoded;
  for (const [number, name] of [
    [1, 'issuerUniqueID'],
    [2, 'subjectUniqueID'],
  ] as const) {
    const uniqueId = tbs.optional(contextPrimitive(number), name);
    if (uniqueId !== undefined && version === 1) {
      throw new DerError(uniqueId.offset, `${name} in a version 1 certificate`);
    }
  }
  const extensions = readExtensions(tbs, version);
  tbs.end('tbsCertificate');
  return { der, serial, issuerDer, subjectDer, notBefore, notAfter, spki, extensions };
}

function readVersion(tbs: DerReader): number {
  const wrapper = tbs.optional(contextConstructed(0), 'version');
  if (wrapper === undefined) {
    return 1;
  }
  const inner = DerReader.inside(wrapper);
  const { contents, offset } = inner.element('version', Tag.Integer);
  inner.end('version');
  const value = contents.length === 1 ? (contents[0] ?? 0) : 0;
  // Version 1 is the default, which DER leaves out.
  if (value !== 1 && value !== 2) {
    throw new DerError(offset, 'a version that is neither 2 nor 3');
  }
  return value + 1;
}

/** A Name is a sequence of sets of type and value (RFC 5280 section 4.1.2.4). */
export function readName(from: DerReader, name: string): Buffer {
  const element = from.element(name, Tag.Sequence);
  const rdnSequence = DerReader.inside(element);
  while (rdnSequence.nextTag !== undefined) {
    const rdn = rdnSequence.constructed(Tag.Set, `a part of ${name}`);
    do {
      const attribute = rdn.constructed(Tag.Sequence, `an attribute of ${name}`);
      attribute.element(`an attribute type of ${name}`, Tag.Oid);
      attribute.element(`an attribute value of ${name}`);
      attribute.end(`an attribute of ${name}`);
    } while (rdn.nextTag !== undefined);
  }
  return element.encoded;
}

/** RFC 5280 section 4.1.2.5 */
export function readTime(from: DerReader, name: string): Date {
  const { tag, contents, offset } = from.element(name, Tag.UtcTime, Tag.GeneralizedTime);
  let digits = contents.toString('latin1').slice(0, -1);
  if (tag === Tag.UtcTime) {
    digits = (digits < '50' ? '20' : '19') + digits;
  }
  const text = digits.replace(/^(....)(..)(..)(..)(..)(..)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const time = new Date(text);
  // Date takes 31 February for 3 March; what it gives back tells.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== text) {
    throw new DerError(offset, `${name} is no time: ${text.slice(0, 19)}`);
  }
  return time;
}

/** An INTEGER in hexadecimal, at least two digits, with a `-` in front if it is negative. */
export function serialText(contents: Buffer): string {
  const hex = contents.toString('hex');
  const negative = (contents[0] ?? 0) >= 0x80;
  if (negative) {
    const magnitude = (1n << BigInt(8 * contents.length)) - BigInt(`0x${hex}`);
    return `-${evenHex(magnitude)}`;
  }
  return contents.length > 1 && contents[0] === 0 ? hex.slice(2) : hex;
}

function evenHex(value: bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

function readExtensions(tbs: DerReader, version: number): Map<string, CertificateExtension> {
  const extensions = new Map<string, CertificateExtension>();
  const wrapper = tbs.optional(contextConstructed(3), 'extensions');
  if (wrapper === undefined) {
    return extensions;
  }
  if (version !== 3) {
    throw new DerError(wrapper.offset, `extensions in a version ${version} certificate`);
  }
  const inner = DerReader.inside(wrapper);
  const list = inner.constructed(Tag.Sequence, 'extensions');
  inner.end('extensions');
  do {
    const { offset } = list;
    const extension = list.constructed(Tag.Sequence, 'an extension');
    const oid = extension.objectIdentifier('extnID');
    const critical = extension.boolean('critical');
    const { contents: value } = extension.element('extnValue', Tag.OctetString);
    extension.end('an extension');
    if (extensions.has(oid)) {
      // RFC 5280 section 4.2
      throw new DerError(offset, `the extension ${oid} twice`);
    }
    extensions.set(oid, { critical, value });
  } while (list.nextTag !== undefined);
  return extensions;
}
