// SPDX-License-Identifier: MPL-2.0

import { describeCertificate, describeCrl } from '../../pki';
import { briefText } from '../packet/brief-text';
import { bufferOf, type WorkerMaterial } from '../clients/server-material';

/** Times in seconds since 1970. */
export interface Expiry {
  readonly certificate: number;
  /** By issuer, the earliest of its CRLs; those that do not say when the next one comes are left out. */
  readonly crls: ReadonlyMap<string, number>;
}

/** A CRL may list many thousands: it is read once, not for each scrape. */
const known = new WeakMap<WorkerMaterial, Expiry>();

export function expiryOf(material: WorkerMaterial): Expiry {
  const read = known.get(material) ?? readExpiry(material);
  known.set(material, read);
  return read;
}

function readExpiry({ identity, trust }: WorkerMaterial): Expiry {
  const crls = new Map<string, number>();
  for (const der of trust.crls) {
    const { issuer, nextUpdate } = describeCrl(bufferOf(der), 'crl');
    if (nextUpdate !== undefined) {
      const label = briefText(issuer);
      crls.set(label, Math.min(crls.get(label) ?? Infinity, nextUpdate.getTime() / 1000));
    }
  }
  const endEntity = bufferOf(identity.chain[0] ?? new Uint8Array());
  return { certificate: describeCertificate(endEntity, 'certificate').notAfter.getTime() / 1000, crls };
}
