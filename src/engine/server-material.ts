// SPDX-License-Identifier: MPL-2.0

import { type Identity, TrustStore } from '../pki';
import { revokedCertificates } from './crl-files';
import type { LoadedSettings } from './settings';
import type { WorkerIdentity, WorkerMaterial } from './worker-protocol';

/** What a reload replaces, as the workers get it. */
export function workerMaterial({ settings, identity, previous, trust }: LoadedSettings): WorkerMaterial {
  return {
    identity: workerIdentity(identity),
    previous: previous.map(workerIdentity),
    trust: workerTrust(trust, settings.crls.length > 0),
  };
}

/** @param requireCrls see WorkerMaterial */
export function workerTrust(trust: LoadedSettings['trust'], requireCrls: boolean): WorkerMaterial['trust'] {
  return { ...trust, requireCrls, revoked: revokedCertificates(trust.crls) };
}

function workerIdentity(identity: Identity): WorkerIdentity {
  return { chain: identity.chain, privateKey: identity.privateKey.privateKey };
}

export function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** @throws TypeError that names the element which is no certificate or CRL */
export function trustStoreOf({
  anchors,
  intermediates,
  crls,
  requireCrls,
}: WorkerMaterial['trust']): TrustStore {
  return new TrustStore({
    anchors: anchors.map(bufferOf),
    intermediates: intermediates.map(bufferOf),
    crls: crls.map(bufferOf),
    requireCrls,
  });
}
