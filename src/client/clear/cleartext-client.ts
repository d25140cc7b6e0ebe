// SPDX-License-Identifier: MPL-2.0

import { clearSolicits } from './cleartext-discovery';
import { CleartextServer, type UnauthenticatedServer, unauthenticatedServer } from './cleartext-server';
import type { LinkContext } from '../exchange/link-context';
import { discover } from '../servers/discovery';
import { ClientError } from '../exchange/errors';
import { Exchanges } from '../lease/exchanges';
import type { Lease } from '../lease/lease';
import type { LeaseClient } from '../lease/lease-client';
import { secondsToRebind, secondsToRenew } from '../lease/lease-times';
import { InitialDelay } from '../exchange/retransmission';
import { leaseFrom } from '../servers/server-selection';
import type { LeaseRequest } from '../lease/lease-request';

const MILLISECONDS = 1000;

/** A client of plain RFC 8415: nothing is encrypted or authenticated. */
export class CleartextClient implements LeaseClient {
  /**
   * @param leaseRequest with a DUID and an IAID that encrypted exchanges do not use
   * @param patience milliseconds to look for a server; undefined looks for ever
   */
  constructor(
    private readonly context: LinkContext,
    private readonly leaseRequest: LeaseRequest,
    private readonly patience: number | undefined,
  ) {}

  async obtain(): Promise<Lease> {
    await this.delay(InitialDelay.Solicit);
    const limits = { solMaxRt: this.context.maxRt.solicit, patience: this.patience };
    const found = await discover(this.context, clearSolicits(this.leaseRequest), limits);
    const candidates = found.flatMap(({ server, offer }) =>
      offer === undefined ? [] : [{ name: server.name, exchanges: this.exchanges(server), offer }],
    );
    return leaseFrom(candidates, this.context.notice);
  }

  async informationRequest(): Promise<Lease> {
    await this.delay(InitialDelay.InformationRequest);
    const mrd = (this.patience ?? 0) / MILLISECONDS;
    return this.exchange(undefined, 'Information-request', (exchanges) =>
      exchanges.informationRequest({ mrd }),
    );
  }

  renew(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRenew(lease, this.context.environment.now());
    return this.exchange(serverOf(lease), 'Renew', (exchanges) => exchanges.renew(lease, seconds));
  }

  rebind(lease: Lease, bound?: number): Promise<Lease> {
    const seconds = bound ?? secondsToRebind(lease, this.context.environment.now());
    return this.exchange(undefined, 'Rebind', (exchanges) => exchanges.rebind(lease, seconds));
  }

  async confirm(lease: Lease): Promise<boolean> {
    await this.delay(InitialDelay.Confirm);
    return this.exchange(undefined, 'Confirm', (exchanges) => exchanges.confirm(lease));
  }

  release(lease: Lease): Promise<boolean> {
    return this.exchanges(serverOf(lease)).release(lease);
  }

  decline(lease: Lease): Promise<boolean> {
    return this.exchanges(serverOf(lease)).decline(lease);
  }

  /** RFC 8415 sections 18.2.1, 18.2.3 and 18.2.6: a random delay spreads hosts that start together. */
  private async delay(maximum: number): Promise<void> {
    const { attempt, environment, inbox } = this.context;
    const until = environment.monotonic() + environment.random() * maximum * MILLISECONDS;
    await inbox.sleep(attempt.bounded(until));
  }

  /** @param server undefined for any server @throws ClientError `no-answer` that says which answers were refused */
  private async exchange<Answer>(
    server: UnauthenticatedServer | undefined,
    name: string,
    act: (exchanges: Exchanges) => Promise<Answer | undefined>,
  ): Promise<Answer> {
    const exchanges = this.exchanges(server);
    const answer = await act(exchanges);
    if (answer === undefined) {
      throw new ClientError('no-answer', `no server answered the ${name} in clear${exchanges.ignored}`);
    }
    return answer;
  }

  /** @param server undefined for any server */
  private exchanges(server: UnauthenticatedServer | undefined): Exchanges {
    const { environment } = this.context;
    const peer = new CleartextServer(this.context, server);
    return new Exchanges(peer, this.leaseRequest, () => environment.now(), this.context.maxRt);
  }
}

function serverOf(lease: Lease): UnauthenticatedServer {
  return unauthenticatedServer(Buffer.from(lease.serverIdentifier, 'hex'));
}
