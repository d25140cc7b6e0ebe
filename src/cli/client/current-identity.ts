// SPDX-License-Identifier: MPL-2.0

import type { Credentials } from '../../client';
import type { ClientOptions } from './options';
import { type ClientSetUp, setUpClient } from './set-up';

/**
 * The identity of a client daemon, and its trust. Both change with the files that the options name; the identity of an
 * anonymous client also for each lease.
 */
export class CurrentIdentity {
  constructor(
    private readonly options: ClientOptions,
    private setUp: ClientSetUp,
  ) {}

  get client(): ClientSetUp['client'] {
    return this.setUp.client;
  }

  /** Takes a new identity if the client is anonymous; otherwise changes nothing. */
  replace(): void {
    const { client, newIdentity } = this.setUp;
    this.setUp = { ...this.setUp, client: { ...client, ...newIdentity?.() } };
  }

  /**
   * Loads certificate, key, trust anchors, CRLs and pins as at the start, and as strictly. Random values of the start, the
   * IAID and the DUID in clear, stay as long as the DUID is the same; so does the key of an anonymous client without a
   * certificate.
   * @throws UsageError, PkiError, ClientError; the current files stay loaded
   */
  reload(): Credentials {
    const fresh = setUpClient(this.options, this.setUp.client.time);
    const isAnonymous = fresh.newIdentity !== undefined;
    const { signer, trust } = fresh.client;
    // An anonymous client without a certificate has a key, and so a DUID, of its own for each lease.
    const hasLastingIdentifier = !isAnonymous || this.options.certificate !== undefined;
    const hasAnotherDuid = (): boolean =>
      hasLastingIdentifier && !fresh.clientIdentifier.equals(this.setUp.clientIdentifier);
    return {
      hasAnotherDuid,
      adopt: () => {
        const { client } = this.setUp;
        const same = hasLastingIdentifier ? { signer } : {};
        const { opportunistic } = client;
        this.setUp = {
          ...fresh,
          client: { ...client, ...(hasAnotherDuid() ? fresh.client : same), opportunistic, trust },
        };
      },
    };
  }
}
