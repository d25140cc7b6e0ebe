// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/**
 * A Name in the one form that all names have which OpenSSL takes for the same (RFC 5280 section 7.1): whatever the
 * type of its strings, their case in ASCII and their white space. What is no Name in DER stays as it is.
 * @param der of a Name
 */
export function canonicalName(der: Uint8Array): Buffer {
  return native.canonicalName(der);
}
