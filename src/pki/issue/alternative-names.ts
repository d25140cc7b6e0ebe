// SPDX-License-Identifier: MPL-2.0

import { PkiError } from '../errors';

const label = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/;

/** Whether a name has the preferred name syntax of RFC 1034 section 3.5, which a dNSName must have. */
export function isDnsName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((part) => label.test(part));
}

/** Whether a name is an absolute URI (RFC 5280 section 4.2.1.6). */
export function isUri(name: string): boolean {
  return uri.test(name);
}

/** @throws PkiError `invalid-argument` for a name that has no place in a subjectAltName */
export function requireAlternativeNames(dns: readonly string[], uris: readonly string[]): void {
  for (const name of dns) {
    if (!isDnsName(name)) {
      const hint = name.includes('*') ? ' (wildcards match nothing here)' : '';
      throw new PkiError(
        'invalid-argument',
        'DNS name',
        `"${name}" is not a name of labels of letters, digits and hyphens${hint}`,
      );
    }
  }
  for (const name of uris) {
    if (!isUri(name)) {
      throw new PkiError(
        'invalid-argument',
        'URI',
        `"${name}" is not an absolute URI, such as dhcp://site-1/`,
      );
    }
  }
}
