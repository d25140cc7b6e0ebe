// SPDX-License-Identifier: MPL-2.0

import type { TrustStore } from '../../pki';
import { anchorsDigest } from '../key-table/certification';
import type { ClientIdentity } from '../key-table/client-identity';
import { trustStoreOf, type WorkerMaterial } from './server-material';

/** The trust that is loaded. Each store is immutable; a reload puts another in its place and frees the one before. */
export class CurrentTrust {
  private store: TrustStore;
  private loadedAnchors: Buffer;
  /** Digests of certificates, in hexadecimal, that a CRL lists and another one takes back. */
  private readonly takenBack = new Set<string>();

  /** @throws TypeError that names the element which is no certificate or CRL */
  constructor(trust: WorkerMaterial['trust']) {
    this.store = trustStoreOf(trust);
    this.loadedAnchors = anchorsDigest(trust.anchors);
  }

  get current(): TrustStore {
    return this.store;
  }

  /** See {@link Certification}. */
  get anchors(): Buffer {
    return this.loadedAnchors;
  }

  /** @throws TypeError that names the element which is no certificate or CRL */
  replace(trust: WorkerMaterial['trust']): void {
    this.store.release();
    this.store = trustStoreOf(trust);
    this.loadedAnchors = anchorsDigest(trust.anchors);
    this.takenBack.clear();
  }

  /**
   * Whether what a client was vouched for by when it authenticated still holds: the same trust anchors, and no CRL that
   * lists its certificate or that of an authority above it. A bare key was never vouched for.
   */
  vouchesFor({ kind, certification }: ClientIdentity): boolean {
    return (
      kind === 'public-key' ||
      (certification?.anchors.equals(this.loadedAnchors) === true &&
        certification.path.length > 0 &&
        !certification.path.some((certificate) => this.isRevoked(certificate)))
    );
  }

  /** The path has just been verified: a delta CRL may have taken back what a list says (RFC 5280 section 5.3.1). */
  verified({ certification }: ClientIdentity): void {
    for (const certificate of certification?.path ?? []) {
      if (this.store.lists(certificate)) {
        this.takenBack.add(certificate.toString('hex'));
      }
    }
  }

  private isRevoked(certificate: Buffer): boolean {
    return this.store.lists(certificate) && !this.takenBack.has(certificate.toString('hex'));
  }
}
