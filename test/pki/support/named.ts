// SPDX-License-Identifier: MPL-2.0

import { EndEntity } from '../../../src/pki';
import { certificate, extension, extensions } from './certificate-parts';
import { element, integer, name, Oid, sequence } from './der';

export interface Names {
  readonly subject?: Buffer;
  readonly issuer?: Buffer;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly serial?: number;
}

/** A certificate with these names. */
export function named({
  subject = name('host'),
  issuer = name('issuer'),
  dns = [],
  uri = [],
  serial = 1,
}: Names) {
  const names = [
    ...dns.map((text) => element(0x82, Buffer.from(text))),
    ...uri.map((text) => element(0x86, Buffer.from(text))),
  ];
  const rest = names.length === 0 ? [] : [extensions(extension(Oid.subjectAltName, sequence(...names)))];
  return EndEntity.parse(certificate({ subject, issuer, rest, serialNumber: integer(serial) }));
}
