// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { type DecapsulationKey, type EncapsulationKey, senderSuite, setupPskS, wipe } from '../../crypto';
import {
  HpkeMode,
  type ReceivingContext,
  RESPONSE_PSK_LENGTH,
  responseInfo,
  responsePskContext,
  SealingContext,
} from '../../protocol';
import type { ClientIdentity } from '../key-table/client-identity';
import { lastingCopy } from '../packet/lasting-copy';

/** Octets of a digest by which an enc is known again. */
const DIGEST_LENGTH = 16;

/** A key of the server that queries are encrypted to. */
export interface OwnRecipient {
  /** Key Identifier of the certificate under which the key is told: 32 octets. */
  readonly scope: { readonly certificate: Buffer };
  /** Recipient tag: 8 octets. */
  readonly tag: Buffer;
  readonly privateKey: DecapsulationKey;
}

export interface ServerContextOptions {
  /** Names the context towards the hook (handle.ts). */
  readonly handle: number;
  /** The server's key that the context was opened to. */
  readonly recipient: OwnRecipient;
  /** 16 octets; the context keeps them. */
  readonly contextIdentifier: Buffer;
  readonly enc: Buffer;
  readonly client: ClientIdentity;
  /** The client's key that responses are encrypted to. */
  readonly responseKey: EncapsulationKey;
  readonly receiving: ReceivingContext;
}

/** One client's open context: opens its queries, and seals the responses to them (docs/protocol.md 4.1, 4.3). */
export class ServerContext {
  readonly handle: number;
  readonly recipient: OwnRecipient;
  readonly contextIdentifier: Buffer;
  readonly client: ClientIdentity;
  readonly receiving: ReceivingContext;
  /** As text: a Buffer of so few octets is some 200 more. */
  private readonly encDigest: string;
  /** The response context. */
  readonly sealing: SealingContext;

  /**
   * Costs one public-key operation.
   * @throws CryptoError where no agreement comes from the client's key
   */
  constructor(options: ServerContextOptions) {
    this.handle = options.handle;
    this.recipient = options.recipient;
    this.contextIdentifier = options.contextIdentifier;
    this.client = options.client;
    this.receiving = options.receiving;
    this.encDigest = digestOf(options.enc);
    this.sealing = openResponses(options);
  }

  /** Whether this context was opened by a query with this enc. */
  hasEnc(enc: Buffer): boolean {
    return this.encDigest === digestOf(enc);
  }

  /** A query came without enc: its client has a response, and needs none in the next ones (docs/protocol.md 4.1). */
  establish(): void {
    this.sealing.omitEnc();
  }

  /** Overwrites the keys of a context that is over. */
  erase(): void {
    this.receiving.erase();
    this.sealing.erase();
  }
}

function openResponses(options: ServerContextOptions): SealingContext {
  const { responseKey, client, recipient, contextIdentifier, receiving } = options;
  const suite = senderSuite(responseKey.kemId);
  const psk = receiving.export(responsePskContext, RESPONSE_PSK_LENGTH);
  const info = responseInfo(client.keyId, recipient.scope.certificate);
  const { enc, context } = setupPskS(suite, responseKey, info, psk, contextIdentifier);
  wipe(psk);
  return new SealingContext({ mode: HpkeMode.Psk, suite, contextIdentifier, enc: lastingCopy(enc), context });
}

function digestOf(enc: Buffer): string {
  return createHash('sha256').update(enc).digest().toString('latin1', 0, DIGEST_LENGTH);
}
