// SPDX-License-Identifier: MPL-2.0
import { crypto, type dhcpv6, protocol, systemEnvironment } from 'kea-hooks-bridge';

/** The Encrypted-Query that opens a context with a server, signed by the client (docs/protocol.md 4.2). */
export function seal(
  message: dhcpv6.Message,
  server: protocol.QueryRecipient,
  signer: protocol.Signer,
): Buffer {
  const random = (count: number): Buffer => systemEnvironment.randomOctets(count);
  const context = new protocol.QueryContext(protocol.defaultCodePoints, server, {
    own: crypto.kemById(server.encryptionKey.kemId).generateKeyPair(random),
    clientKeyId: signer.key.public.keyId,
    contextIdentifier: random(protocol.CONTEXT_IDENTIFIER_LENGTH),
  });
  const timestamp = crypto.ntpFromUnixMilliseconds(systemEnvironment.now());
  return context.open(message, { signer, timestamp, includeCredential: true });
}

/** What a server holds: its encryption key, and the SHA-256 of the certificate's SubjectPublicKeyInfo that it is told under. */
export interface Holder {
  readonly encryptionKey: crypto.KemPrivateKey;
  readonly keyId: Buffer;
}

/**
 * What the server finds in it, with the options of the proof.
 *
 * @throws ProtocolError if it is for another key, was altered on its way, or `client` has not signed it
 */
export function open(
  octets: Buffer,
  { encryptionKey, keyId }: Holder,
  client: crypto.RecipientPublicKey,
): readonly dhcpv6.DhcpOption[] {
  const { message, serverIdentifier, envelope, aad } = protocol.decodeEncryptedQuery(
    protocol.defaultCodePoints,
    octets,
  );
  const suite = protocol.receivedSuite(envelope, encryptionKey.kemId);
  const info = protocol.queryInfo(keyId);
  const context = protocol.openingEnvelope(() => crypto.setupBaseR(suite, envelope.enc, encryptionKey, info));
  const receiving = new protocol.ReceivingContext(protocol.HpkeMode.Base, suite, context);
  const { transactionId } = message;
  const inner = protocol.readInnerQuery(receiving.open(envelope, aad), { transactionId, serverIdentifier });
  const options = protocol.innerOptions(inner);
  const { signature } = protocol.readQueryProof(protocol.defaultCodePoints, options);
  protocol.requireQuerySignature(inner.octets, signature, { info, aad }, client);
  return options;
}
