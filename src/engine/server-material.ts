// SPDX-License-Identifier: MPL-2.0

import { type Identity, TrustStore } from '../pki';
import type { LoadedSettings } from './settings';
import type { WorkerIdentity, WorkerMaterial } from './worker-protocol';

/** What a reload replaces, as the workers get it. @param lapsedCrls see WorkerMaterial */
export function workerMaterial(
  { identity, previous, trust }: LoadedSettings,
  lapsedCrls: readonly Uint8Array[] = [],
): WorkerMaterial {
  return {
    identity: workerIdentity(identity),
    previous: previous.map(workerIdentity),
    trust: { ...trust, lapsedCrls },
  };
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
  lapsedCrls,
}: WorkerMaterial['trust']): TrustStore {
  return new TrustStore({
    anchors: anchors.map(bufferOf),
    intermediates: intermediates.map(bufferOf),
    crls: crls.map(bufferOf),
    lapsedCrls: lapsedCrls.map(bufferOf),
  });
}
