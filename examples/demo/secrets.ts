// SPDX-License-Identifier: MPL-2.0
import { ipv6Octets } from '../../test/integration/support/ipv6-text';

/** Something that must not cross the wire in clear, in each form in which it would be seen there. */
export interface Secret {
  readonly what: string;
  readonly shown: string;
  readonly forms: readonly Buffer[];
}

/** The octets of a DUID, given in hexadecimal. */
export function duidSecret(what: string, duid: string): Secret {
  return { what, shown: duid, forms: [Buffer.from(duid.replaceAll(':', ''), 'hex')] };
}

/** A domain name as text and as labels (RFC 1035 section 3.1), and its first label alone. */
export function nameSecret(what: string, name: string): Secret {
  const labels = name.split('.').filter((label) => label !== '');
  const encoded = labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const forms = [Buffer.from(name), Buffer.concat(encoded), Buffer.from(labels[0] ?? name)];
  return { what, shown: name, forms };
}

export function iaidSecret(what: string, iaid: number): Secret {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(iaid);
  return { what, shown: `0x${octets.toString('hex')}`, forms: [octets] };
}

export function addressSecret(what: string, address: string): Secret {
  return { what, shown: address, forms: [ipv6Octets(address)] };
}

/** A prefix in full and cut to the octets that its length covers. */
export function prefixSecret(what: string, prefix: string, length: number): Secret {
  const octets = ipv6Octets(prefix);
  return { what, shown: `${prefix}/${length}`, forms: [octets, octets.subarray(0, Math.ceil(length / 8))] };
}

/** In how many of the payloads any form of the secret occurs. */
export function occurrences(secret: Secret, payloads: readonly Buffer[]): number {
  return payloads.filter((payload) => secret.forms.some((form) => payload.includes(form))).length;
}
