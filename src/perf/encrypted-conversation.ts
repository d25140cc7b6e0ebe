// SPDX-License-Identifier: MPL-2.0

import { RecipientPublicKey } from '../crypto';
import { DecodeError, type DhcpOption, findOption, type Message, OptionCode } from '../dhcpv6';
import { EndEntity } from '../pki';
import {
  type AuthenticationMessage,
  type CodePoints,
  decodeEncryptedReply,
  decodeSignedResponse,
  encodeEncryptedRequest,
  encodeSolicit,
  openSignedResponse,
  ProtocolError,
  QuerySender,
  type Signer,
} from '../protocol';
import type { Conversation } from './conversation';
import type { Transactions } from './transactions';

interface KnownServer {
  readonly key: RecipientPublicKey;
  readonly serverIdentifier: Buffer;
}

export interface EncryptedConversationOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Of a Solicit of solution B; nothing in it may identify the client (docs/protocol.md 3). */
  readonly solicitOptions: readonly DhcpOption[];
  /** NTP timestamps that rise. */
  readonly timestamp: () => bigint;
}

/** A server's certificate is parsed once: its octets are the same for all clients. */
const parsedKeys = new Map<string, RecipientPublicKey>();

function keyOf({ credential }: AuthenticationMessage): RecipientPublicKey {
  const octets = credential.kind === 'certificate' ? credential.certificates[0] : credential.spki;
  if (octets === undefined) {
    throw new ProtocolError('credential-invalid', 'a server without a credential');
  }
  const id = octets.toString('latin1');
  const known = parsedKeys.get(id);
  if (known !== undefined) {
    return known;
  }
  const copy = Buffer.from(octets);
  const key =
    credential.kind === 'certificate' ? EndEntity.parse(copy).key : RecipientPublicKey.fromSpki(copy);
  parsedKeys.set(id, key);
  return key;
}

/**
 * Encrypted DHCPv6 of a client that checks no certificate and no signature: only the server is measured.
 */
export class EncryptedConversation implements Conversation {
  private server: KnownServer | undefined;
  private sender: QuerySender | undefined;
  private isOpen = false;

  constructor(
    private readonly client: number,
    private readonly transactions: Transactions,
    private readonly options: EncryptedConversationOptions,
  ) {}

  async authenticate(): Promise<boolean> {
    const { codePoints, signer, solution, solicitOptions, timestamp } = this.options;
    this.reopen();
    this.server = await this.transactions.exchange(
      this.client,
      (transactionId) =>
        solution === 'A'
          ? encodeEncryptedRequest(codePoints, signer, transactionId, timestamp())
          : encodeSolicit(codePoints, signer, transactionId, solicitOptions, timestamp()),
      (octets, transactionId) =>
        refusedAsUndefined(() =>
          solution === 'A' ? this.readEncryptedReply(octets) : this.readSignedResponse(octets, transactionId),
        ),
    );
    return this.server !== undefined;
  }

  reopen(): void {
    this.sender = undefined;
    this.isOpen = false;
  }

  async exchange(message: (transactionId: number) => Message): Promise<Message | undefined> {
    const { codePoints, signer, timestamp } = this.options;
    if (this.server === undefined) {
      return undefined;
    }
    this.sender ??= new QuerySender(codePoints, this.server.key, this.server.serverIdentifier);
    const { sender } = this;
    const answer = await this.transactions.exchange(
      this.client,
      (transactionId) =>
        sender.seal(
          message(transactionId),
          this.isOpen ? undefined : { signer, timestamp: timestamp(), includeCredential: false },
        ),
      (octets, transactionId) =>
        refusedAsUndefined(() => sender.openResponse(octets, signer.key, transactionId).message),
    );
    this.isOpen = answer !== undefined;
    if (answer === undefined) {
      this.reopen();
    }
    return answer;
  }

  private readEncryptedReply(octets: Buffer): KnownServer {
    const reply = decodeEncryptedReply(this.options.codePoints, octets);
    if (reply.status !== undefined) {
      throw new ProtocolError('credential-invalid', reply.status.message);
    }
    return { key: keyOf(reply), serverIdentifier: Buffer.from(reply.serverIdentifier) };
  }

  private readSignedResponse(octets: Buffer, transactionId: number): KnownServer {
    const { codePoints, signer } = this.options;
    const response = decodeSignedResponse(codePoints, octets);
    const { message } = openSignedResponse(codePoints, octets, signer.key, transactionId);
    const serverIdentifier = findOption(message.options, OptionCode.ServerIdentifier)?.data;
    if (serverIdentifier === undefined) {
      throw new ProtocolError('option-missing', 'an answer without a Server Identifier');
    }
    return { key: keyOf(response), serverIdentifier: Buffer.from(serverIdentifier) };
  }
}

/** A refused answer counts as none. */
function refusedAsUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof DecodeError) {
      return undefined;
    }
    throw error;
  }
}
