// SPDX-License-Identifier: MPL-2.0

import { isUtf8 } from 'node:buffer';

/** JSON as Kea writes it. @throws SyntaxError */
export function parseKeaJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? textOfOctets(value) : value));
}

/** JSON that Kea reads: it knows no escape beyond \u00ff, by which JSON.stringify writes a surrogate without a partner. */
export function keaJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'string' ? member.replace(/\p{Cs}/gu, '\ufffd') : member,
  );
}

/** Kea's strings are octets, each of which it writes as a character of its own (\u00XX): `é` comes as `Ã©`. */
function textOfOctets(value: string): string {
  const octets = Buffer.from(value, 'latin1');
  return octets.toString('latin1') === value && isUtf8(octets) ? octets.toString('utf8') : value;
}
