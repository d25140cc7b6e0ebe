// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from '../../pki';
import type { ClientIdentity, HostNames } from '../key-table/client-identity';

/** What of a client Kea looks host reservations up by, as identifier of the type flex-id. */
export const hostIdentifierKinds = ['none', 'san-uri', 'san-dns', 'common-name', 'key-sha256'] as const;

export type HostIdentifierKind = (typeof hostIdentifierKinds)[number];

/** native/channel/frame.h: a longer name identifies nobody, since a shortened one could be another's. */
const MAX_NAME_LENGTH = 255;

const nameOf = { 'san-uri': 'uri', 'san-dns': 'dns', 'common-name': 'commonName' } as const;

/**
 * The identifier of an authenticated client; undefined where it has none of the kind. A bare key has no names:
 * only what a certificate says is vouched for by anybody.
 */
export function hostIdentifier(kind: HostIdentifierKind, client: ClientIdentity): Buffer | undefined {
  if (kind === 'none') {
    return undefined;
  }
  if (kind === 'key-sha256') {
    return client.keyId;
  }
  const name = client.hostNames?.[nameOf[kind]];
  return name === undefined ? undefined : Buffer.from(name);
}

/** The names of a verified certificate: of each form the first, and of common names the last. */
export function hostNames({ subjectAltNames, commonName }: EndEntity): HostNames {
  return {
    uri: usable(subjectAltNames.uri[0]),
    // RFC 4343: case is of no consequence in a domain name, but it is in an identifier.
    dns: usable(subjectAltNames.dns[0]?.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
    commonName: usable(commonName),
  };
}

function usable(name: string | undefined): string | undefined {
  return name === undefined || name === '' || Buffer.byteLength(name) > MAX_NAME_LENGTH ? undefined : name;
}
