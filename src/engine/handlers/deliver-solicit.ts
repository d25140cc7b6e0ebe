// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { deriveDuid, type EncapsulationKey, HpkeMode, senderSuite, setupBaseS } from '../../crypto';
import { encodeMessage, type Message, OptionCode, rewrapRelay } from '../../dhcpv6';
import {
  type CodePoints,
  CONTEXT_IDENTIFIER_LENGTH,
  responseInfo,
  SealingContext,
  withUsableKey,
} from '../../protocol';
import type { ClientDirectory } from '../clients/client-directory';
import { leaseSender } from '../clients/lease-sender';
import type { ClientIdentity } from '../key-table/client-identity';
import type { Datagram } from '../packet/datagram';
import type { HandleSource } from '../packet/handle';
import type { Replace } from '../packet/verdict';
import type { Announcer } from './announcer';
import type { PendingSolicit, PendingSolicits } from './pending-solicits';
import { stripProtocolOptions } from './query-handler';

export interface SolicitDelivery {
  readonly codePoints: CodePoints;
  readonly clients: ClientDirectory;
  readonly solicits: PendingSolicits;
  readonly nextHandle: HandleSource;
  /** Key Identifier of the certificate that the answer is signed under. */
  readonly announcer: Pick<Announcer, 'keyId'>;
}

/**
 * Hands Kea a Solicit of solution B with the Client Identifier that it needs (docs/protocol.md 5.2).
 * @param answer what becomes of Kea's answer, which is encrypted to `clientKey`
 * @throws ProtocolError `encryption-key-unusable`
 */
export function deliverSolicit(
  { codePoints, clients, solicits, nextHandle, announcer }: SolicitDelivery,
  datagram: Datagram,
  message: Message,
  identity: ClientIdentity,
  answer: Pick<PendingSolicit, 'permit' | 'respond'> & { readonly clientKey: EncapsulationKey },
): Replace {
  const { clientKey, permit, respond } = answer;
  // Before Kea serves the Solicit: an answer that nobody can be given would leave a lease behind.
  const info = responseInfo(identity.keyId, announcer.keyId);
  const sealing = permit.run(() => withUsableKey(() => sealingTo(clientKey, info)));
  const insertedIdentifier = deriveDuid(identity.spki);
  const withIdentifier = {
    ...message,
    options: [{ code: OptionCode.ClientIdentifier, data: insertedIdentifier }, ...message.options],
  };
  const handle = nextHandle();
  const { transactionId } = message;
  solicits.add(handle, { permit, respond, sealing, transactionId, insertedIdentifier });
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
    sender: leaseSender(identity),
    hostIdentifier: clients.hostIdentifier(identity),
  };
}

/** docs/protocol.md 4.3: mode base, and the outer signature authenticates it. */
function sealingTo(clientKey: EncapsulationKey, info: Buffer): SealingContext {
  const suite = senderSuite(clientKey.kemId);
  const { enc, context } = setupBaseS(suite, clientKey, info);
  const contextIdentifier = randomBytes(CONTEXT_IDENTIFIER_LENGTH);
  return new SealingContext({ mode: HpkeMode.Base, suite, contextIdentifier, enc, context });
}
