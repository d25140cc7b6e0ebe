// SPDX-License-Identifier: MPL-2.0

import type { Message } from '../../dhcpv6';
import type { Sender } from '../admission/limit-names';
import type { CookieKeys, CookieSource } from '../../protocol';
import type { Datagram } from '../packet/datagram';
import type { Addressee } from './announcer';
import type { Received } from './answer-bound';

/** Tells who a message is held against, and gives the cookie that goes with its answer (docs/protocol.md 7). */
export class Senders {
  constructor(
    private keys: CookieKeys,
    /** Milliseconds since 1970. */
    private readonly now: () => number,
  ) {}

  /** The keys of cookies as they are now. */
  replaceKeys(keys: CookieKeys): void {
    this.keys = keys;
  }

  /** @param cookie that the message came with: one that does not verify is as none */
  senderOf({ source }: Datagram, cookie: Buffer | undefined): Sender {
    const isGood = cookie !== undefined && this.keys.verify(cookie, this.now() / 1000, source.place);
    return { source, cookie: isGood ? cookie.toString('hex') : undefined };
  }

  receive(
    datagram: Datagram,
    { message, cookie }: { readonly message: Message; readonly cookie: Buffer | undefined },
  ): Received {
    return {
      datagram,
      sender: this.senderOf(datagram, cookie),
      addressee: this.addressee(message.transactionId, datagram.source.place),
    };
  }

  /** The cookie costs as much as all else that a refused message does: it is made where there is an answer. */
  private addressee(transactionId: number, place: CookieSource): Addressee {
    const make = (): Buffer => this.keys.make(this.now() / 1000, place);
    return {
      transactionId,
      get cookie() {
        return make();
      },
    };
  }
}
