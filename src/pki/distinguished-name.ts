// SPDX-License-Identifier: MPL-2.0

import { DerReader, Tag } from '../bridge';
import { Name } from './x509';

/** Attribute types that have a short name, by object identifier. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'T'],
  ['2.5.4.42', 'G'],
  ['2.5.4.43', 'I'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'E'],
]);

/** UTF8String, PrintableString and IA5String: their octets are UTF-8, which is checked with the rest of DER. */
const plainTags: readonly number[] = [0x0c, 0x13, 0x16];

/** Octets: no name that people read is longer. */
const MAX_PLAIN_NAME = 1024;

/** Controls, formats (what turns the direction of writing, or is not seen), line separators, surrogates without a partner. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export interface DistinguishedName {
  /**
   * `O=Example, CN=host`, in the order in which the certificate has it. Characters that would confuse a terminal or a
   * log are escaped as RFC 4514 section 2.4 escapes octets: `\0A`. A name that is DER and still cannot be read is `#`
   * and its DER in hexadecimal.
   */
  readonly text: string;
  /** The last, most specific commonName; undefined if none can be read. */
  readonly commonName: string | undefined;
}

/**
 * Both at once, because it is the reading that takes time.
 * @param der a Name that `parseCertificate` has read
 */
export function readDistinguishedName(der: Buffer): DistinguishedName {
  try {
    return readPlainName(der) ?? readByLibrary(der);
  } catch {
    return { text: `#${der.toString('hex')}`, commonName: undefined };
  }
}

/**
 * Nearly all names: those whose values are ASCII or UTF-8. Read as the library reads them, but
 * without the library: for names alone each process and each thread would have to load it.
 * @returns undefined if it is another one
 */
function readPlainName(der: Buffer): DistinguishedName | undefined {
  if (der.length > MAX_PLAIN_NAME) {
    return undefined;
  }
  const parts: string[] = [];
  let commonName: string | undefined;
  const name = DerReader.open(der, Tag.Sequence, 'name');
  while (name.nextTag !== undefined) {
    const part = name.constructed(Tag.Set, 'part');
    const attributes: string[] = [];
    while (part.nextTag !== undefined) {
      const attribute = part.constructed(Tag.Sequence, 'attribute');
      const oid = attribute.objectIdentifier('type');
      const type = shortNames.get(oid) ?? oid;
      const { tag, contents } = attribute.element('value');
      if (!plainTags.includes(tag)) {
        return undefined;
      }
      const value = contents.toString('utf8');
      commonName = type === 'CN' ? value : commonName;
      attributes.push(`${type}=${escaped(value)}`);
    }
    parts.push(attributes.join('+'));
  }
  return { text: printable(parts.join(', ')), commonName };
}

/** RFC 4514 section 2.4 */
function escaped(value: string): string {
  return value
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

function readByLibrary(der: Buffer): DistinguishedName {
  const name = new Name(der);
  return { text: printable(name.toString()), commonName: name.getField('CN').at(-1) };
}

/** @param der a Name that `parseCertificate` has read */
export function distinguishedNameText(der: Buffer): string {
  return readDistinguishedName(der).text;
}

function printable(text: string): string {
  return text.replace(unprintable, (character) => Array.from(Buffer.from(character), escapedOctet).join(''));
}

function escapedOctet(octet: number): string {
  return `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
