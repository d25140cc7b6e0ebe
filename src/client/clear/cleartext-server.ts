// SPDX-License-Identifier: MPL-2.0

import {
  decodeMessageTolerantly,
  encodeMessage,
  findOption,
  formatDuid,
  isDuidLength,
  type Message,
  OptionCode,
} from '../../dhcpv6';
import { ProtocolError } from '../../protocol';
import type { LinkContext } from '../exchange/link-context';
import {
  type Carriage,
  exchangeOver,
  type ExchangePeer,
  IgnoredAnswers,
  type PeerIdentity,
  type Transaction,
} from '../exchange/exchange-peer';

/** A server that is not authenticated: all that is known of it is its DUID. */
export interface UnauthenticatedServer extends PeerIdentity {
  readonly key: undefined;
}

export function unauthenticatedServer(serverIdentifier: Buffer): UnauthenticatedServer {
  const name = `with DUID ${formatDuid(serverIdentifier)}, not authenticated,`;
  return { serverIdentifier: Buffer.from(serverIdentifier), name, key: undefined };
}

/** The server that a message names (RFC 8415 sections 16.3 and 16.10). */
export function senderNamed({ options }: Message): UnauthenticatedServer | undefined {
  const duid = findOption(options, OptionCode.ServerIdentifier)?.data;
  return duid !== undefined && isDuidLength(duid.length) ? unauthenticatedServer(duid) : undefined;
}

/** Exchanges of plain RFC 8415: with one server, or with any server of the link that answers. */
export class CleartextServer implements ExchangePeer, Carriage {
  readonly ignored = new IgnoredAnswers();
  readonly identityRefused = undefined;
  readonly notes = {};

  /** @param identity undefined for any server */
  constructor(
    private readonly context: LinkContext,
    readonly identity: UnauthenticatedServer | undefined,
  ) {}

  senderOf(message: Message): UnauthenticatedServer | undefined {
    const sender = senderNamed(message);
    const isMeant =
      this.identity === undefined || sender?.serverIdentifier.equals(this.identity.serverIdentifier) === true;
    return isMeant ? sender : undefined;
  }

  only({ serverIdentifier }: PeerIdentity): CleartextServer {
    return new CleartextServer(this.context, unauthenticatedServer(serverIdentifier));
  }

  async exchange<Answer>(transaction: Transaction<Answer>): Promise<Answer[]> {
    const answer = await exchangeOver(this.context, this, transaction);
    return answer === undefined ? [] : [answer];
  }

  seal(message: Message): Buffer {
    return encodeMessage(message);
  }

  open(octets: Buffer, transactionId: number): Message {
    const message = decodeMessageTolerantly(octets);
    if (message.transactionId !== transactionId) {
      throw new ProtocolError('unexpected-message-type', 'the answer to another transaction');
    }
    return message;
  }
}
