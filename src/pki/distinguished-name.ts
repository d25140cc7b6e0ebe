// SPDX-License-Identifier: MPL-2.0

import { Name } from './x509';

// Control characters, line and paragraph separators, and what turns the direction of writing.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

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
    const name = new Name(der);
    return { text: printable(name.toString()), commonName: name.getField('CN').at(-1) };
  } catch {
    return { text: `#${der.toString('hex')}`, commonName: undefined };
  }
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
