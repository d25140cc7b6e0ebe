// SPDX-License-Identifier: MPL-2.0

import type { Credentials } from '../../client';
import type { ClientOptions } from './options';
import { type ClientSetUp, setUpClient } from './set-up';

/**
 * Who the client that runs on is, and whom it trusts: both change, for each lease where it is anonymous, and with the
 * files that the options name.
 */
export class IdentityInForce {
  constructor(
    private readonly options: ClientOptions,
    private setUp: ClientSetUp,
  ) {}

  get client(): ClientSetUp['client'] {
    return this.setUp.client;
  }

  /** Of a client that is not anonymous it changes nothing. */
  beAnother(): void {
    const { client, newIdentity } = this.setUp;
    this.setUp = { ...this.setUp, client: { ...client, ...newIdentity?.() } };
  }

  /**
   * Reads certificate, key, trust anchors, CRLs and pins as at the start, and as strictly. What was chosen at random at
   * the start, the IAID and the DUID in clear, stays as long as the client is the same, but for a key that is shown in clear
   * in place of a certificate.
   * @throws UsageError, PkiError, ClientError; what is in force stays
   */
  reread(): Credentials {
    const fresh = setUpClient(this.options);
    const isAnonymous = fresh.newIdentity !== undefined;
    const { signer, privateSigner, trust } = fresh.client;
    // An anonymous client has a DUID that lasts only where it has a certificate.
    const hasLastingIdentifier = !isAnonymous || privateSigner !== undefined;
    const isAnother = (): boolean =>
      hasLastingIdentifier && !fresh.clientIdentifier.equals(this.setUp.clientIdentifier);
    return {
      isAnother,
      adopt: () => {
        const { client } = this.setUp;
        const same = isAnonymous ? { privateSigner } : { signer, privateSigner };
        const { opportunistic } = client;
        this.setUp = {
          ...fresh,
          client: { ...client, ...(isAnother() ? fresh.client : same), opportunistic, trust },
        };
      },
    };
  }
}
