// SPDX-License-Identifier: MPL-2.0

import type { TrustStore } from '../pki';
import { anchorsDigest } from './certification';
import type { ClientIdentity } from './client-identity';
import { trustStoreOf } from './server-material';
import type { WorkerMaterial } from './worker-protocol';

/** The trust in force. Each store is immutable; a reload puts another in its place and frees the one before. */
export class CurrentTrust {
  private store: TrustStore;
  private anchorsInForce: Buffer;
  private revoked: Set<string>;

  constructor(trust: WorkerMaterial['trust']) {
    this.store = trustStoreOf(trust);
    this.anchorsInForce = anchorsDigest(trust.anchors);
    this.revoked = new Set(trust.revoked);
  }

  get current(): TrustStore {
    return this.store;
  }

  /** See {@link Certification}. */
  get anchors(): Buffer {
    return this.anchorsInForce;
  }

  replace(trust: WorkerMaterial['trust']): void {
    this.store.release();
    this.store = trustStoreOf(trust);
    this.anchorsInForce = anchorsDigest(trust.anchors);
    this.revoked = new Set(trust.revoked);
  }

  /**
   * Whether what a client was vouched for by when it authenticated still holds: the same trust anchors, and no CRL that
   * lists its certificate. A bare key was never vouched for.
   */
  vouchesFor({ kind, certification }: ClientIdentity): boolean {
    return (
      kind === 'public-key' ||
      (certification?.anchors.equals(this.anchorsInForce) === true &&
        !this.revoked.has(certification.certificate.toString('hex')))
    );
  }

  /** The path has just been verified: a delta CRL may have taken back what a list says (RFC 5280 section 5.3.1). */
  verified({ certification }: ClientIdentity): void {
    if (certification !== undefined) {
      this.revoked.delete(certification.certificate.toString('hex'));
    }
  }
}
