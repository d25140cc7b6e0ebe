// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from './end-entity';

/**
 * Whether a server's certificate has the name that was configured: one of its subjectAltNames, as dNSName without
 * regard to the case of ASCII letters, or as URI exactly. No wildcards, and no look at the subject's common name
 * (RFC 9525 sections 6.3 and 6.4.4).
 */
export function matchServerName(endEntity: Pick<EndEntity, 'subjectAltNames'>, name: string): boolean {
  const { dns, uri } = endEntity.subjectAltNames;
  const wanted = lowerCase(name);
  return (
    uri.includes(name) || (!name.includes('*') && dns.some((candidate) => lowerCase(candidate) === wanted))
  );
}

/** ASCII only: `toLowerCase` would also take the Kelvin sign for a k. */
function lowerCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
