// SPDX-License-Identifier: MPL-2.0

import { native, type NativePathStore } from './native';

/** Certificates and CRLs, all DER. */
export interface PathStoreMaterial {
  /** Certificates that are trusted as they are, of roots or of authorities below them. */
  readonly anchors: readonly Uint8Array[];
  /** Certificates that help to find a path, and are verified like a peer's. */
  readonly intermediates?: readonly Uint8Array[];
  /** Complete, indirect and delta CRLs, in any order. */
  readonly crls?: readonly Uint8Array[];
  /**
   * The last CRLs of issuers which have none at the moment: what they list stays listed, and whatever else those
   * issuers issued is refused.
   */
  readonly lapsedCrls?: readonly Uint8Array[];
}

/**
 * What paths are verified against, immutable: a reload makes a new one. Stores of the same material are one in the
 * process, so every worker thread may make its own from the same octets; they are parsed once.
 */
export class PathStore {
  /** @internal */
  readonly native: NativePathStore;
  /** @throws TypeError that names the element, `crls[2]: …`, which is no certificate or CRL in DER */
  constructor({ anchors, intermediates = [], crls = [], lapsedCrls = [] }: PathStoreMaterial) {
    this.native = new native.PathStore(anchors, intermediates, crls, lapsedCrls);
  }

  /**
   * Whether any CRL lists a certificate, also one that cannot be used, or that another one has overtaken.
   * @param certificate its digest, of a path that was accepted once
   */
  lists(certificate: Uint8Array): boolean {
    return this.native.lists(certificate);
  }

  /**
   * Frees the parsed material, once no other store has the same. Nothing can be verified with this one any more.
   * Without it the garbage collector frees it some day.
   */
  release(): void {
    this.native.release();
  }
}
