// SPDX-License-Identifier: MPL-2.0

import { Name } from './x509';
import { DerError } from './der';

// Control characters, line and paragraph separators, and what turns the direction of writing.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The name as text, `O=Example, CN=host`, in the order in which the certificate has it. Characters that would
 * confuse a terminal or a log are escaped as RFC 4514 section 2.4 escapes octets: `\0A`.
 * @param der a Name that `parseCertificate` has read
 */
export function distinguishedNameText(der: Buffer): string {
  let text: string;
  try {
    text = new Name(der).toString();
  } catch (error) {
    throw new DerError(
      0,
      `a name that cannot be read: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
  return text.replace(unprintable, (character) =>
    Array.from(
      Buffer.from(character),
      (octet) => `\\${octet.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
