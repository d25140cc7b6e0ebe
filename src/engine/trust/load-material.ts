// SPDX-License-Identifier: MPL-2.0

import type { Identity } from '../../pki';
import type { WorkerIdentity, WorkerMaterial } from '../clients/server-material';
import type { LoadedSettings } from '../settings';

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
  const { chain, privateKey: key } = identity;
  return key.signer === undefined
    ? { chain, privateKey: key.privateKey }
    : { chain, privateKey: key.public.publicKey, command: key.signer.command };
}
