// SPDX-License-Identifier: MPL-2.0

import { Name } from './x509';

// Control characters, line and paragraph separators, and what turns the direction of writing.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The name as text, `O=Example, CN=host`, in the order in which the certificate has it. Characters that would
 * confuse a terminal or a log are escaped as RFC 4514 section 2.4 escapes octets: `\0A`. A name that is DER and
 * still cannot be read is `#` and its DER in hexadecimal.
 * @param der a Name that `parseCertificate` has read
 */
export function distinguishedNameText(der: Buffer): string {
  return readableText(der).replace(unprintable, (character) =>
    Array.from(Buffer.from(character), escapedOctet).join(''),
  );
}

/** The last commonName of a Name, which `parseCertificate` has read; undefined where none can be read. */
export function commonNameOf(der: Buffer): string | undefined {
  try {
    return new Name(der).getField('CN').at(-1);
  } catch {
    return undefined;
  }
}

function readableText(der: Buffer): string {
  try {
    return new Name(der).toString();
  } catch {
    return `#${der.toString('hex')}`;
  }
}

function escapedOctet(octet: number): string {
  return `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}
