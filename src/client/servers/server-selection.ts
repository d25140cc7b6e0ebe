// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../../dhcpv6';
import type { Notice } from '../exchange/link-context';
import { ClientError, type ClientErrorCode } from '../exchange/errors';
import { endsTheWait, preferenceOf } from '../exchange/offer';

/** Exchanges with a server, which may not answer. */
export interface ServerExchanges {
  /** Why answers were ignored, to follow a sentence; empty if none was. */
  readonly ignored: string;
}

/** The exchanges that lead to what is offered. */
export interface OfferExchanges<Granted> extends ServerExchanges {
  /** @param transmissions how many Solicits the server gets to answer */
  solicit(transmissions: number): Promise<Message | undefined>;
  accept(offer: Message): Promise<Granted | undefined>;
}

/** A server to choose, and what it has offered already. */
export interface Candidate<Exchanges extends ServerExchanges> {
  readonly name: string;
  readonly exchanges: Exchanges;
  readonly offer: Message | undefined;
}

/** Solicits to one server before the client turns to the next. */
const MAX_SOLICITS_PER_SERVER = 4;

/** Solicits to one server if there is an offer of another server already. */
const MAX_SOLICITS_BESIDE_OFFER = 1;

interface Offered<Exchanges extends ServerExchanges> extends Candidate<Exchanges> {
  readonly offer: Message;
}

/**
 * A lease from the server with the highest preference (RFC 8415 sections 18.2.1 and 18.2.9): all are solicited until
 * one has the maximum preference or has committed the lease; of equal ones the first counts. If the chosen one
 * gives nothing or does not answer, the next takes its place (docs/protocol.md 5).
 *
 * @throws ClientError `no-usable-configuration` that says what each server did
 */
export async function leaseFrom<Granted>(
  candidates: readonly Candidate<OfferExchanges<Granted>>[],
  notice: Notice,
): Promise<Granted> {
  const failures = new Failures(notice);
  let remaining = candidates;
  while (remaining.length > 0) {
    const { offers, later } = await collectOffers(remaining, failures);
    for (const offered of offers) {
      const lease = await failures.unlessFailing(offered, () => offered.exchanges.accept(offered.offer));
      if (lease !== undefined) {
        return lease;
      }
    }
    remaining = later;
  }
  throw failures.error('no-usable-configuration');
}

/** The first answer that any of the servers gives. @throws ClientError `code` or `lease-ended`, and what each server did */
export async function firstAnswer<Exchanges extends ServerExchanges, Answer>(
  candidates: readonly Candidate<Exchanges>[],
  notice: Notice,
  code: ClientErrorCode,
  exchange: (exchanges: Exchanges) => Promise<Answer | undefined>,
): Promise<Answer> {
  const failures = new Failures(notice);
  for (const candidate of candidates) {
    const answer = await failures.unlessFailing(candidate, () => exchange(candidate.exchanges));
    if (answer !== undefined) {
      return answer;
    }
  }
  throw failures.error(code);
}

/** The first of `candidates` always makes an offer or fails; so the rounds over `later` come to an end. */
async function collectOffers<Granted>(
  candidates: readonly Candidate<OfferExchanges<Granted>>[],
  failures: Failures,
): Promise<{
  readonly offers: readonly Offered<OfferExchanges<Granted>>[];
  readonly later: readonly Candidate<OfferExchanges<Granted>>[];
}> {
  const offers: Offered<OfferExchanges<Granted>>[] = [];
  const later: Candidate<OfferExchanges<Granted>>[] = [];
  for (const candidate of candidates) {
    if (offers.some(({ offer }) => endsTheWait(offer))) {
      later.push(candidate);
      continue;
    }
    const { name, exchanges } = candidate;
    const exchange = (): Promise<Message | undefined> =>
      exchanges.solicit(offers.length === 0 ? MAX_SOLICITS_PER_SERVER : MAX_SOLICITS_BESIDE_OFFER);
    const offer =
      candidate.offer ??
      (offers.length === 0 ? await failures.unlessFailing(candidate, exchange) : await exchange());
    if (offer !== undefined) {
      offers.push({ name, exchanges, offer });
    } else if (offers.length > 0) {
      later.push(candidate);
    }
  }
  offers.sort((one, other) => preferenceOf(other.offer) - preferenceOf(one.offer));
  return { offers, later };
}

/** What went wrong with each server. */
class Failures {
  private readonly texts: string[] = [];
  private hasEnded = false;

  constructor(private readonly notice: Notice) {}

  /** Undefined if the server gives nothing, for a reason that is kept. @throws ClientError `stopped` */
  async unlessFailing<Answer>(
    { name, exchanges }: Candidate<ServerExchanges>,
    exchange: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
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
      this.hasEnded ||= error instanceof ClientError && error.code === 'lease-ended';
      return undefined;
    }
  }

  /** The lease has ended if a server says so and no other has extended it (RFC 8415 section 18.3.5). */
  error(code: ClientErrorCode): ClientError {
    return new ClientError(this.hasEnded ? 'lease-ended' : code, this.texts.join('; '));
  }

  private add(text: string): void {
    this.texts.push(text);
    this.notice(text);
  }
}
