// SPDX-License-Identifier: MPL-2.0

import type { TrustStore } from '../pki';

/** The trust store in force. Each is immutable; a reload puts another in its place and frees the one before. */
export class CurrentTrust {
  constructor(private store: TrustStore) {}

  get current(): TrustStore {
    return this.store;
  }

  /** What is being validated with the one before goes on to its end. */
  replace(store: TrustStore): void {
    this.store.release();
    this.store = store;
  }
}
