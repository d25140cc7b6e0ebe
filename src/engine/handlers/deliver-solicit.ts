// SPDX-License-Identifier: MPL-2.0

import { deriveDuid } from '../../crypto';
import { encodeMessage, type Message, OptionCode, rewrapRelay } from '../../dhcpv6';
import type { CodePoints } from '../../protocol';
import type { ClientDirectory } from '../clients/client-directory';
import type { ClientIdentity } from '../key-table/client-identity';
import type { Datagram } from '../packet/datagram';
import type { HandleSource } from '../packet/handle';
import type { Replace } from '../packet/verdict';
import type { PendingSolicit, PendingSolicits } from './pending-solicits';
import { stripProtocolOptions } from './query-handler';

export interface SolicitDelivery {
  readonly codePoints: CodePoints;
  readonly clients: ClientDirectory;
  readonly solicits: PendingSolicits;
  readonly nextHandle: HandleSource;
}

/** Hands Kea a Solicit of solution B with the Client Identifier that it needs (docs/protocol.md 5.2). */
export function deliverSolicit(
  { codePoints, clients, solicits, nextHandle }: SolicitDelivery,
  datagram: Datagram,
  message: Message,
  identity: ClientIdentity,
  answer: Pick<PendingSolicit, 'clientKey' | 'permit' | 'respond'>,
): Replace {
  const insertedIdentifier = deriveDuid(identity.spki);
  const withIdentifier = {
    ...message,
    options: [{ code: OptionCode.ClientIdentifier, data: insertedIdentifier }, ...message.options],
  };
  const handle = nextHandle();
  const { transactionId } = message;
  solicits.add(handle, { ...answer, transactionId, clientKeyId: identity.keyId, insertedIdentifier });
  const isUnproven = datagram.mode === 'authenticated' && identity.kind === 'public-key';
  return {
    action: 'replace',
    octets: rewrapRelay(
      datagram.nest,
      stripProtocolOptions(codePoints, withIdentifier) ?? encodeMessage(withIdentifier),
    ),
    credential: isUnproven ? 'unproven' : identity.kind,
    handle,
    text: identity.text,
    hostIdentifier: clients.hostIdentifier(identity),
  };
}
