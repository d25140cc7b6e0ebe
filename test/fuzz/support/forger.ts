// SPDX-License-Identifier: MPL-2.0

import {
  encodeTimestamp,
  kemById,
  ntpFromUnixMilliseconds,
  unixMillisecondsFromNtp,
} from '../../../src/crypto';
import { decodeMessage, type DhcpOption, type Message, MessageType, OptionCode } from '../../../src/dhcpv6';
import { defaultCodePoints, QueryContext, type QueryRecipient, type Signer } from '../../../src/protocol';
import { encodeSigned } from '../../../src/protocol/signed-message';
import { signerOf } from '../../client/support/announcing-server';
import { vectors } from '../../crypto/support/vectors';
import type { VectorEngine } from '../../engine/support/vector-engine';
import { mutateOptions } from './mutate';
import type { Random } from './random';

const { optionCodes } = defaultCodePoints;

/** Those of the engine (test/engine/support/vector-engine.ts). */
const keys = vectors('protocol/keys.json') as {
  readonly encryption_keys: Record<string, { readonly kem_id: number; readonly private: string }>;
};

/** A client that has a good certificate and the server's key, and signs and encrypts what is wrong. */
export class Forger {
  private readonly signer: Signer = signerOf('client-P-256');
  private readonly pool: readonly DhcpOption[];
  private context: QueryContext | undefined;
  private recipient: QueryRecipient | undefined;
  private last = 0n;

  /** @param messages to take options from */
  constructor(
    private readonly engine: VectorEngine,
    private readonly serverIdentifier: Buffer,
    messages: readonly Buffer[],
  ) {
    this.pool = messages.flatMap((octets) => decodeMessage(octets).options);
  }

  /** A shown Encrypted-Request, or a Solicit of solution B, whose options are changed and then signed. */
  signed(random: Random, message: Message): Buffer {
    const own = message.options.filter(
      ({ code }) => code !== optionCodes.signature && code !== optionCodes.cookie,
    );
    const fresh = own.map((option) =>
      option.code === optionCodes.timestamp ? { ...option, data: encodeTimestamp(this.timestamp()) } : option,
    );
    const options = mutateOptions(random, fresh, this.pool);
    return encodeSigned(defaultCodePoints, this.signer.key, {
      role: 'client',
      message: { ...message, options },
    });
  }

  /** A query, with a good proof or later in a context, whose inner message is changed. */
  encrypted(random: Random): Buffer {
    const duid = { code: OptionCode.ClientIdentifier, data: Buffer.from('0003000102030405', 'hex') };
    const message = {
      // Relay messages are not for a client to send.
      msgType: random.below(8) === 0 ? 14 + random.below(242) : 1 + random.below(11),
      transactionId: 7,
      options: mutateOptions(random, [duid, { code: OptionCode.IaNa, data: Buffer.alloc(12) }], this.pool),
    };
    if (this.context !== undefined && random.below(2) === 0) {
      return this.context.seal(message);
    }
    const recipient = (this.recipient ??= this.learn());
    const own = kemById(recipient.encryptionKey.kemId).generateKeyPair((length) => random.octets(length));
    this.context = new QueryContext(defaultCodePoints, recipient, {
      own,
      clientKeyId: this.signer.key.public.keyId,
      contextIdentifier: random.octets(16),
    });
    const signing = {
      signer: this.signer,
      timestamp: this.timestamp(),
      includeCredential: random.below(4) > 0,
    };
    return this.context.open(message, signing);
  }

  private timestamp(): bigint {
    const now = ntpFromUnixMilliseconds(this.engine.now);
    this.last = now > this.last ? now : this.last + 1n;
    this.engine.now = Math.max(this.engine.now, unixMillisecondsFromNtp(this.last));
    return this.last;
  }

  private learn(): QueryRecipient {
    const key = keys.encryption_keys['ek-server-x25519'];
    if (key === undefined) {
      throw new Error('the vectors have no such key');
    }
    return {
      serverIdentifier: this.serverIdentifier,
      serverKeyId: signerOf('server-P-256').key.public.keyId,
      encryptionKey: kemById(key.kem_id).deserializePrivateKey(Buffer.from(key.private, 'hex')).public,
    };
  }
}

export const isSigned = ({ msgType, options }: Message): boolean =>
  [MessageType.Solicit as number, defaultCodePoints.messageTypes['encrypted-request']].includes(msgType) &&
  options.some(({ code }) => code === optionCodes.signature);
