// SPDX-License-Identifier: MPL-2.0

import { padPlaintext, type SenderContext, type Suite } from '../crypto';
import { encodeEnvelopeHeader, envelopeAad, RECIPIENT_TAG_LENGTH } from './envelope';

const noTag = Buffer.alloc(RECIPIENT_TAG_LENGTH);
const noEnc = Buffer.alloc(0);

/** The next envelope's header, and the aad that goes with it (docs/protocol.md 4). */
export interface PreparedEnvelope {
  readonly header: Buffer;
  readonly aad: Buffer;
}

/** What stays the same in all envelopes of one HPKE context. */
export interface SealingParameters {
  readonly mode: number;
  readonly suite: Suite;
  /** Undefined towards a client. */
  readonly recipientTag?: Buffer | undefined;
  /** 16 octets. */
  readonly contextIdentifier: Buffer;
  readonly enc: Buffer;
  readonly context: SenderContext;
}

/** The sender's side of one HPKE context. Its envelopes carry enc until {@link omitEnc}. */
export class SealingContext {
  private readonly mode: number;
  private readonly suite: Suite;
  private readonly recipientTag: Buffer;
  private readonly contextIdentifier: Buffer;
  private enc: Buffer;
  private readonly context: SenderContext;

  constructor({ mode, suite, recipientTag = noTag, contextIdentifier, enc, context }: SealingParameters) {
    this.mode = mode;
    this.suite = suite;
    this.recipientTag = recipientTag;
    this.contextIdentifier = contextIdentifier;
    this.enc = enc;
    this.context = context;
  }

  /** The recipient has shown that it knows the context (docs/protocol.md 4.1). */
  omitEnc(): void {
    this.enc = noEnc;
  }

  /** Whether it has sealed its last message (docs/protocol.md 4.1). */
  get isSpent(): boolean {
    return this.context.isSpent;
  }

  /**
   * @param firstFour msg-type and transaction-id of the outer message
   * @param serverIdentifierOption of an Encrypted-Query
   */
  prepare(firstFour: Buffer, serverIdentifierOption?: Buffer): PreparedEnvelope {
    const { mode, suite, recipientTag, contextIdentifier, context } = this;
    const header = encodeEnvelopeHeader({
      mode,
      ...suite,
      recipientTag,
      sequence: context.nextSequence,
      contextIdentifier,
      enc: this.enc,
    });
    return { header, aad: envelopeAad(firstFour, serverIdentifierOption, header) };
  }

  /** The data of the Encrypted-Message option. @throws {@link CryptoError} `message-limit-reached` */
  seal({ header, aad }: PreparedEnvelope, inner: Buffer): Buffer {
    return Buffer.concat([header, this.context.seal(aad, padPlaintext(inner))]);
  }

  export(exporterContext: Buffer, length: number): Buffer {
    return this.context.export(exporterContext, length);
  }

  /** Overwrites the context's keys: it seals nothing any more. */
  erase(): void {
    this.context.wipe();
  }
}
