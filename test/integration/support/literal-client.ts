// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { signatureAlgorithmFor } from '../../../src/crypto';
import { MessageType, type Message } from '../../../src/dhcpv6';
import { CONTEXT_IDENTIFIER_LENGTH, defaultCodePoints, QueryContext } from '../../../src/protocol';
import { authentication, types } from '../attacks/support/forge';
import { addressIn, solicitOptions, type Party } from '../attacks/support/party';
import { SERVER_DUID } from './kea-configuration';

/** A query, and the context that it opens. */
export interface LiteralQuery {
  readonly octets: Buffer;
  readonly context: QueryContext;
}

/**
 * A client that knows the draft alone: what it shows is signed without a context string and names no KEMs, and its queries
 * go to the key of the server's certificate and hold the DHCPv6 message and nothing that proves who sends it
 * (docs/protocol.md 9).
 */
export class LiteralClient {
  constructor(readonly party: Party) {}

  /** An Encrypted-Request, or Solicit, as the draft has it. */
  authentication(solution: 'A' | 'B'): Buffer {
    const { signer } = this.party;
    const { haId, saId } = signatureAlgorithmFor(signer.key.public);
    return authentication({
      msgType: solution === 'A' ? types['encrypted-request'] : MessageType.Solicit,
      options: solution === 'A' ? [] : solicitOptions(),
      signer,
      keys: [],
      prefix: Buffer.alloc(0),
      padTo: 0,
      shown: [haId, saId],
      used: [haId, saId],
    });
  }

  async authenticate(solution: 'A' | 'B'): Promise<void> {
    const answer = await this.party.answered(this.authentication(solution));
    expect(answer.readUInt8(0)).toBe(types[solution === 'A' ? 'encrypted-reply' : 'encrypted-response']);
  }

  openContext(): QueryContext {
    const { signer, server } = this.party;
    const { key } = signer;
    const own = {
      kemId: key.kemId,
      public: keyOctets(key.public),
      decap: (enc: Buffer) => key.decap(enc),
      serialize: () => Buffer.alloc(0),
      erase: () => undefined,
    };
    const recipient = {
      serverIdentifier: SERVER_DUID,
      serverKeyId: server.key.keyId,
      encryptionKey: keyOctets(server.key),
    };
    const contextIdentifier = randomBytes(CONTEXT_IDENTIFIER_LENGTH);
    return new QueryContext(defaultCodePoints, recipient, {
      own,
      clientKeyId: key.public.keyId,
      contextIdentifier,
    });
  }

  /** A query in a context of its own. */
  query(msgType: number, context = this.openContext()): LiteralQuery {
    return { octets: this.party.later(context, this.party.question(msgType)), context };
  }

  /** The answer inside the answer. */
  ask(query: LiteralQuery, from = this.party.sender): Promise<Message> {
    return this.party.ask(query.context, query.octets, from);
  }

  /** Solicit and Request, each in a context of its own, or both in one. Gives the address. */
  async lease(context?: QueryContext): Promise<string> {
    const advertise = await this.ask(this.query(MessageType.Solicit, context));
    expect(advertise.msgType).toBe(MessageType.Advertise);
    this.party.address = addressIn(advertise);
    const reply = await this.ask(this.query(MessageType.Request, context));
    expect(reply.msgType).toBe(MessageType.Reply);
    expect(addressIn(reply)).toBe(this.party.address);
    return this.party.address ?? '';
  }
}

/** docs/protocol.md 9: a credential's key is named by its SubjectPublicKeyInfo. */
function keyOctets(key: Party['server']['key']) {
  return { kemId: key.kemId, octets: key.spki, encap: key.encap.bind(key) };
}
