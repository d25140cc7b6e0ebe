// SPDX-License-Identifier: MPL-2.0

import type { KeyObject } from 'node:crypto';
import { TrustStore } from '../../pki';

/** A private key and its certificates (DER), as they travel to a worker thread. */
export interface WorkerIdentity {
  readonly chain: readonly Uint8Array[];
  /** Where a program signs, the public key. */
  readonly privateKey: KeyObject;
  /** The program that signs, and its arguments. */
  readonly command?: readonly string[] | undefined;
}

/** What a reload replaces, as a whole. */
export interface WorkerMaterial {
  readonly identity: WorkerIdentity;
  /** Newest first. */
  readonly previous: readonly WorkerIdentity[];
  readonly trust: {
    readonly anchors: readonly Uint8Array[];
    readonly intermediates: readonly Uint8Array[];
    readonly crls: readonly Uint8Array[];
    /** The last CRLs of issuers that have had one and have none now. */
    readonly lapsedCrls: readonly Uint8Array[];
  };
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
