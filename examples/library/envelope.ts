// SPDX-License-Identifier: MPL-2.0
import { crypto, dhcpv6, protocol } from 'kea-hooks-bridge';

/** An Encrypted-Query: `message` for the holder of one key alone (docs/protocol.md 4.3). */
export function seal(
  message: dhcpv6.Message,
  server: crypto.RecipientPublicKey,
  serverIdentifier: Buffer,
): Buffer {
  return new protocol.QuerySender(protocol.defaultCodePoints, server, serverIdentifier).seal(message);
}

/** What the server finds in it. @throws ProtocolError if it is for another key, or was altered on its way */
export function open(octets: Buffer, own: crypto.RecipientPrivateKey): dhcpv6.Message {
  const { message, firstFour, serverIdentifier, envelope } = protocol.decodeEncryptedQuery(
    protocol.defaultCodePoints,
    octets,
  );
  const suite = protocol.receiverSuite(envelope, own.public.keyType);
  const context = protocol.openingEnvelope(() =>
    crypto.setupBaseR(suite, envelope.enc, own, protocol.queryInfo),
  );
  const receiving = new protocol.ReceivingContext(protocol.HpkeMode.Base, suite, context);
  const outer = dhcpv6.encodeOptions([{ code: dhcpv6.OptionCode.ServerIdentifier, data: serverIdentifier }]);
  const aad = crypto.envelopeAad(firstFour, outer, envelope.header);
  const { transactionId } = message;
  return protocol.readInnerQuery(receiving.open(envelope, aad), { transactionId, serverIdentifier }).message;
}
