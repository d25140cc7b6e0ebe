// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { kemById } from '../crypto';
import { DecodeError, type DhcpOption, type Message } from '../dhcpv6';
import { EndEntity } from '../pki';
import {
  type CodePoints,
  decodeServerAnswer,
  encodeEncryptedRequest,
  encodeSolicit,
  KemId,
  openSignedResponse,
  ProtocolError,
  QueryContext,
  type QueryRecipient,
  type Retry,
  type Signer,
  type SignedAnswer,
  UNLIMITED_LIFETIME,
} from '../protocol';
import type { Conversation } from './conversation';
import type { Transactions } from './transactions';

export interface EncryptedConversationOptions {
  readonly codePoints: CodePoints;
  readonly solution: 'A' | 'B';
  readonly signer: Signer;
  /** Of a Solicit of solution B; nothing in it may identify the client (docs/protocol.md 3). */
  readonly solicitOptions: readonly DhcpOption[];
  /** NTP timestamps that rise. */
  readonly timestamp: () => bigint;
  /** The credential goes with every Encrypted-Request, and with every query that opens a context. */
  readonly showsCredential: boolean;
}

const CONTEXT_IDENTIFIER_LENGTH = 16;
const kemList = [KemId.X25519];

/** A server's certificate is parsed once: its octets are the same for all clients. */
const parsedKeys = new Map<string, Buffer>();

function keyIdOf({ credential }: SignedAnswer): Buffer {
  const [octets = Buffer.alloc(0)] = credential.certificates;
  const id = octets.toString('latin1');
  const known = parsedKeys.get(id);
  if (known !== undefined) {
    return known;
  }
  const { keyId } = EndEntity.parse(Buffer.from(octets)).key;
  parsedKeys.set(id, keyId);
  return keyId;
}

/**
 * Encrypted DHCPv6 of a client that checks no certificate and no signature: only the server is measured.
 */
export class EncryptedConversation implements Conversation {
  private server: QueryRecipient | undefined;
  private context: QueryContext | undefined;
  private cookie: Buffer | undefined;
  /** Whether the server has this client's credential. */
  private isShown = false;

  constructor(
    private readonly client: number,
    private readonly transactions: Transactions,
    private readonly options: EncryptedConversationOptions,
  ) {}

  async authenticate(): Promise<boolean> {
    this.reopen();
    let answer = await this.ask();
    if (answer?.kind === 'retry') {
      answer = await this.ask();
    }
    if (answer === undefined || answer.kind === 'retry' || answer.kind === 'report') {
      this.server = undefined;
      return false;
    }
    const { kemId, publicKey } = answer.encryptionKey;
    this.server = {
      serverIdentifier: Buffer.from(answer.serverIdentifier),
      serverKeyId: keyIdOf(answer),
      encryptionKey: kemById(kemId).deserializePublicKey(Buffer.from(publicKey)),
    };
    return true;
  }

  reopen(): void {
    this.context?.erase();
    this.context = undefined;
  }

  async exchange(message: (transactionId: number) => Message): Promise<Message | undefined> {
    const { codePoints, signer, timestamp, showsCredential } = this.options;
    if (this.server === undefined) {
      return undefined;
    }
    this.context ??= new QueryContext(codePoints, this.server, {
      own: kemById(this.server.encryptionKey.kemId).generateKeyPair(randomBytes),
      clientKeyId: signer.key.public.keyId,
      contextIdentifier: randomBytes(CONTEXT_IDENTIFIER_LENGTH),
    });
    const { context, cookie } = this;
    const answer = await this.transactions.exchange(
      this.client,
      (transactionId) =>
        context.isEstablished
          ? context.seal(message(transactionId), cookie)
          : context.open(
              message(transactionId),
              { signer, timestamp: timestamp(), includeCredential: showsCredential || !this.isShown },
              cookie,
            ),
      (octets, transactionId) =>
        refusedAsUndefined(() => {
          const inner = context.openResponse(octets, transactionId);
          return inner.kind === 'message' ? inner.message : undefined;
        }),
    );
    if (answer === undefined) {
      this.reopen();
    }
    this.isShown ||= answer !== undefined;
    return answer;
  }

  /** Solution A asks for the key, and perhaps shows the certificate as well; solution B always shows it. */
  private ask(): Promise<SignedAnswer | Retry | undefined> {
    const { codePoints, signer, solution, solicitOptions, timestamp, showsCredential } = this.options;
    if (solution === 'A') {
      return this.transactions.exchange(
        this.client,
        (transactionId) =>
          encodeEncryptedRequest(
            codePoints,
            { transactionId, kemList, cookie: this.cookie },
            showsCredential ? { signer, timestamp: timestamp() } : undefined,
          ),
        (octets) =>
          refusedAsUndefined(() =>
            this.keepCookie(decodeServerAnswer(codePoints, 'encrypted-reply', octets)),
          ),
      );
    }
    const own = kemById(KemId.X25519).generateKeyPair(randomBytes);
    const encryptionKey = {
      kemId: own.kemId,
      lifetime: UNLIMITED_LIFETIME,
      publicKey: own.public.octets,
    };
    return this.transactions.exchange(
      this.client,
      (transactionId) =>
        encodeSolicit(
          codePoints,
          { transactionId, kemList, cookie: this.cookie, encryptionKey, options: solicitOptions },
          { signer, timestamp: timestamp() },
        ),
      (octets) =>
        refusedAsUndefined(() => {
          const answer = this.keepCookie(decodeServerAnswer(codePoints, 'encrypted-response', octets));
          if (answer.kind === 'response') {
            const keys = { own, clientKeyId: signer.key.public.keyId, serverKeyId: keyIdOf(answer) };
            openSignedResponse(codePoints, octets, keys, answer.serverIdentifier);
            this.isShown = true;
          }
          return answer;
        }),
    );
  }

  private keepCookie(answer: SignedAnswer | Retry): SignedAnswer | Retry {
    this.cookie = answer.cookie === undefined ? this.cookie : Buffer.from(answer.cookie);
    return answer;
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
