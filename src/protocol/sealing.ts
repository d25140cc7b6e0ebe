// SPDX-License-Identifier: MPL-2.0

import { encodeEnvelopeHeader, envelopeAad, padPlaintext, type SenderContext, type Suite } from '../crypto';

const zeroTag = Buffer.alloc(8);

/** The sender's side of one HPKE context: everything of the envelope that stays the same. */
export interface SealingContext {
  readonly mode: number;
  readonly suite: Suite;
  /** First 8 octets of the recipient's key identifier towards a server, undefined towards a client. */
  readonly recipientTag: Buffer | undefined;
  readonly enc: Buffer;
  readonly context: SenderContext;
}

/** The next envelope's header and the aad that goes with it (docs/protocol.md 4). */
export interface PreparedEnvelope {
  readonly header: Buffer;
  readonly aad: Buffer;
}

export function prepareEnvelope(
  sealing: SealingContext,
  firstFour: Buffer,
  serverIdentifierOption: Buffer | undefined,
): PreparedEnvelope {
  const header = encodeEnvelopeHeader({
    mode: sealing.mode,
    suite: sealing.suite,
    recipientTag: sealing.recipientTag ?? zeroTag,
    sequence: sealing.context.nextSequence,
    enc: sealing.enc,
  });
  return { header, aad: envelopeAad(firstFour, serverIdentifierOption, header) };
}

/** The data of the Encrypted-Message option: header and ciphertext. */
export function sealEnvelope(sealing: SealingContext, prepared: PreparedEnvelope, inner: Buffer): Buffer {
  return Buffer.concat([prepared.header, sealing.context.seal(prepared.aad, padPlaintext(inner))]);
}
