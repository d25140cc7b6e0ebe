// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type Message } from '../../dhcpv6';
import type { Notice } from '../exchange/link-context';
import { ClientError, type ClientErrorCode } from '../exchange/errors';
import { endsTheWait, preferenceOf } from '../exchange/offer';

/** What a server can be asked for, and may not answer. */
export interface ServerExchanges {
  /** Why answers were ignored, to be put behind a sentence; empty where none was. */
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

/** How many Solicits a server gets to answer before the next server is asked. */
const solicitsPerServer = 4;

/** And how many where another server's offer is at hand already, which should not wait long. */
const solicitsBesideOffer = 1;

interface Offered<Exchanges extends ServerExchanges> extends Candidate<Exchanges> {
  readonly offer: Message;
}

/**
 * A lease from the server that wants it most (RFC 8415 sections 18.2.1 and 18.2.9): all are asked for an offer until
 * one has the highest preference or has committed the lease; of equal ones the first counts. Where the chosen one
 * gives nothing or falls silent, the next takes its place (docs/protocol.md 5).
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
  ask: (exchanges: Exchanges) => Promise<Answer | undefined>,
): Promise<Answer> {
  const failures = new Failures(notice);
  for (const candidate of candidates) {
    const answer = await failures.unlessFailing(candidate, () => ask(candidate.exchanges));
    if (answer !== undefined) {
      return answer;
    }
  }
  throw failures.error(code);
}

/** The first of `candidates` always makes an offer or fails; so asking for those of `later` comes to an end. */
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
    const ask = (): Promise<Message | undefined> =>
      exchanges.solicit(offers.length === 0 ? solicitsPerServer : solicitsBesideOffer);
    const offer =
      candidate.offer ?? (offers.length === 0 ? await failures.unlessFailing(candidate, ask) : await ask());
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

  /** Undefined where the server gives nothing, for a reason that is kept. @throws ClientError `stopped` */
  async unlessFailing<Answer>(
    { name, exchanges }: Candidate<ServerExchanges>,
    ask: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    try {
      const answer = await ask();
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

  /** A server that has ended the lease is to be believed where no other one has prolonged it (RFC 8415 section 18.3.5). */
  error(code: ClientErrorCode): ClientError {
    return new ClientError(this.hasEnded ? 'lease-ended' : code, this.texts.join('; '));
  }

  private add(text: string): void {
    this.texts.push(text);
    this.notice(text);
  }
}
