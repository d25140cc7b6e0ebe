// SPDX-License-Identifier: MPL-2.0

import { wrapRelayReply } from '../../dhcpv6';
import type { Sender } from '../admission/limit-names';
import type { Datagram } from '../packet/datagram';
import { EngineDrop } from '../packet/drop-reasons';
import type { Reply } from '../packet/verdict';
import type { Addressee, Announcer } from './announcer';

/** docs/protocol.md 3: what a source without a verified cookie gets at most, as a multiple of what came from it. */
export const MAX_AMPLIFICATION = 3;

/** A message that is to be answered: where it came from, and whom the answer is addressed to. */
export interface Received {
  readonly datagram: Datagram;
  readonly sender: Sender;
  readonly addressee: Addressee;
}

/** Whether an answer of so many octets may be sent (docs/protocol.md 3: message against message). */
export function mayBeSent({ datagram, sender }: Received, length: number): boolean {
  return sender.cookie !== undefined || length <= MAX_AMPLIFICATION * datagram.nest.message.length;
}

/** A Retry in place of an answer that is too long, or not to be had without a cookie. @throws EngineDrop `amplification` */
export function retry(received: Received, announcer: Announcer, text: string): Reply {
  const { datagram, addressee } = received;
  const octets = announcer.retry(addressee, datagram.kind === 'request');
  if (!mayBeSent(received, octets.length)) {
    throw new EngineDrop('amplification', 'not even a Retry is short enough for so short a message');
  }
  return reply(received, octets, `Retry: ${text}`);
}

/** An answer of the server's own: Kea never sees what it answers. */
export function reply({ datagram }: Pick<Received, 'datagram'>, octets: Buffer, text: string): Reply {
  return { action: 'reply', octets: wrapRelayReply(datagram.nest.levels, octets), text };
}
