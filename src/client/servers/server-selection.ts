// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../../dhcpv6';
import type { Notice } from '../exchange/link-context';
import { ClientError } from '../exchange/errors';
import { preferenceOf } from '../exchange/offer';

/** How an offer is taken from the server that made it. */
export interface OfferExchanges<Granted> {
  /** Why answers were ignored, to follow a sentence; empty if none was. */
  readonly ignored: string;
  accept(offer: Message): Promise<Granted | undefined>;
}

/** A server that has made an offer. */
export interface Candidate<Granted> {
  readonly name: string;
  readonly exchanges: OfferExchanges<Granted>;
  readonly offer: Message;
}

/**
 * A lease from the server with the highest preference (RFC 8415 sections 18.2.1 and 18.2.9); of equal ones the first
 * counts. If the chosen one gives nothing or does not answer, the next takes its place (docs/protocol.md 5.1).
 *
 * @throws ClientError `no-usable-configuration` that says what each server did
 */
export async function leaseFrom<Granted>(
  candidates: readonly Candidate<Granted>[],
  notice: Notice,
): Promise<Granted> {
  const failures = new Failures(notice);
  const ordered = [...candidates].sort((one, other) => preferenceOf(other.offer) - preferenceOf(one.offer));
  for (const candidate of ordered) {
    const lease = await failures.unlessFailing(candidate, () => candidate.exchanges.accept(candidate.offer));
    if (lease !== undefined) {
      return lease;
    }
  }
  throw failures.error();
}

/** What went wrong with each server. */
class Failures {
  private readonly texts: string[] = [];
  private identityRefused: ClientError | undefined;

  constructor(private readonly notice: Notice) {}

  /** Undefined if the server gives nothing, for a reason that is kept. @throws ClientError `stopped` */
  async unlessFailing<Granted>(
    { name, exchanges }: Candidate<Granted>,
    exchange: () => Promise<Granted | undefined>,
  ): Promise<Granted | undefined> {
    try {
      const answer = await exchange();
      if (answer === undefined) {
        this.add(`the server ${name} did not answer${exchanges.ignored}`);
      }
      return answer;
    } catch (error) {
      const isServers = error instanceof ClientError || error instanceof DecodeError;
      if (!isServers || (error instanceof ClientError && error.code === 'stopped')) {
        throw error;
      }
      this.add(error.message);
      if (error instanceof ClientError && error.code === 'identity-refused') {
        this.identityRefused = error;
      }
      return undefined;
    }
  }

  error(): ClientError {
    return this.identityRefused ?? new ClientError('no-usable-configuration', this.texts.join('; '));
  }

  private add(text: string): void {
    this.texts.push(text);
    this.notice(text);
  }
}
