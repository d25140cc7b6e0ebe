// SPDX-License-Identifier: MPL-2.0

import { canonicalName } from '../bridge';

/** Whether two Names, DER, are the same as RFC 5280 section 7.1 compares them, in any type of string, case and spacing. */
export function sameName(one: Buffer, other: Buffer): boolean {
  return one.equals(other) || canonicalName(one).equals(canonicalName(other));
}
