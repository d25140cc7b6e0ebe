// SPDX-License-Identifier: MPL-2.0

import {
  decodeTimestamp,
  type EncapsulationKey,
  encodeTimestamp,
  ntpFromUnixMilliseconds,
  type RecipientPrivateKey,
  RecipientPublicKey,
  senderSuite,
  type SenderSetup,
  setupBaseR,
  setupBaseS,
  setupPskR,
  sign,
  signatureAlgorithmFor,
  suiteFor,
  unpadPlaintext,
  verify,
} from '../../../src/crypto';
import {
  decodeMessage,
  type DhcpOption,
  encodeMessage,
  type Message,
  MessageType,
  OptionCode,
} from '../../../src/dhcpv6';
import {
  defaultCodePoints,
  firstFourOf,
  queryInfo,
  recipientTag,
  responseInfo,
  SealingContext,
  type Signer,
} from '../../../src/protocol';
import { decodeEncryptedResponse, encodeEncryptedQuery } from '../../../src/protocol/encrypted-query';
import { hex } from '../../crypto/support/vectors';
import { namedSigner } from '../../protocol/support/known-answers';

const { messageTypes, optionCodes } = defaultCodePoints;
const serverIdentifier = hex('0003000186734fd7564b');

/** How a shown message deviates. */
export interface ShownParts {
  readonly saId?: number;
  readonly bare?: boolean;
  readonly options?: readonly DhcpOption[];
}

/** A client that has sedhcpv6 and the draft to the letter (docs/protocol.md 9). */
export class LiteralClient {
  readonly signer: Signer;
  private readonly server: RecipientPublicKey;

  /** @param clock milliseconds since 1970 */
  constructor(
    client: string,
    server: string,
    private readonly clock: () => number,
  ) {
    this.signer = namedSigner(client);
    this.server = RecipientPublicKey.fromSpki(namedSigner(server).key.public.spki);
  }

  get spki(): Buffer {
    return this.signer.key.public.spki;
  }

  encryptedRequest(parts: ShownParts = {}): Buffer {
    return this.shown(messageTypes['encrypted-request'], parts);
  }

  solicit(parts: ShownParts = {}): Buffer {
    return this.shown(MessageType.Solicit, parts);
  }

  /** A context to the key of the server's certificate. */
  context(identifier = Buffer.alloc(16, 9)): LiteralContext {
    const { kemId, spki, keyId } = this.server;
    const recipient = { key: this.server, tag: recipientTag(kemId, spki), serverKeyId: keyId };
    return new LiteralContext(this.signer.key, recipient, identifier);
  }

  /** Options of a server's answer in clear, once its signature has verified over the message as it is. */
  verified(octets: Buffer): Message {
    const message = decodeMessage(octets);
    const data = dataOf(message, optionCodes.signature);
    const signature = Buffer.from(data.subarray(2));
    const covered = Buffer.from(octets);
    covered.fill(0, octets.indexOf(signature), octets.indexOf(signature) + signature.length);
    expect(data[1]).toBeLessThanOrEqual(3);
    expect(verify(this.server, data[0]!, data[1]!, covered, signature)).toBe(true);
    expect(decodeTimestamp(dataOf(message, optionCodes.timestamp))).toBe(
      ntpFromUnixMilliseconds(this.clock()),
    );
    expect(dataOf(message, OptionCode.ServerIdentifier)).toEqual(serverIdentifier);
    const codes = message.options.map(({ code }) => code);
    expect(codes.filter((code) => code >= optionCodes['encryption-key'])).toEqual([]);
    return message;
  }

  /** The inner message of the answer to a Solicit. */
  openSolicited(octets: Buffer): Message {
    const { envelope, aad } = decodeEncryptedResponse(defaultCodePoints, octets);
    expect(envelope.mode).toBe(0);
    const { key } = this.signer;
    const info = responseInfo(key.public.keyId, this.server.keyId);
    const opened = setupBaseR(suiteFor(key.public.keyType), envelope.enc, key, info);
    return decodeMessage(unpadPlaintext(opened.open(envelope.sequence, aad, envelope.ciphertext)));
  }

  private shown(msgType: number, { saId, bare = false, options = [] }: ShownParts): Buffer {
    const { key, chain } = this.signer;
    const choice = signatureAlgorithmFor(key.public);
    const id = saId ?? choice.saId;
    const credential = bare
      ? [{ code: optionCodes['public-key'], data: this.spki }]
      : chain.map((data) => ({ code: optionCodes.certificate, data }));
    const signature = Buffer.alloc(2 + choice.signatureLength);
    signature[0] = choice.haId;
    signature[1] = id;
    const octets = encodeMessage({
      msgType,
      transactionId: 7,
      options: [
        ...options,
        ...credential,
        { code: optionCodes.timestamp, data: encodeTimestamp(ntpFromUnixMilliseconds(this.clock())) },
        { code: optionCodes.signature, data: signature },
      ],
    });
    sign(key, choice.haId, id, octets).copy(octets, octets.length - choice.signatureLength);
    return octets;
  }
}

/** A key of the server that a context is opened to. */
export interface Recipient {
  readonly key: EncapsulationKey;
  readonly tag: Buffer;
  /** Key Identifier of the server's certificate. */
  readonly serverKeyId: Buffer;
}

/** One context of a literal client. */
export class LiteralContext {
  readonly info: Buffer;
  private readonly setup: SenderSetup;
  private readonly sealing: SealingContext;

  constructor(
    private readonly key: RecipientPrivateKey,
    private readonly recipient: Recipient,
    private readonly contextIdentifier: Buffer,
  ) {
    const suite = senderSuite(recipient.key.kemId);
    this.info = queryInfo(recipient.serverKeyId);
    this.setup = setupBaseS(suite, recipient.key, this.info);
    this.sealing = new SealingContext({
      mode: 0,
      suite,
      recipientTag: recipient.tag,
      contextIdentifier,
      ...this.setup,
    });
  }

  /** @param inner the message's octets, which may sign the aad */
  query(inner: (aad: Buffer) => Buffer): Buffer {
    const head = { transactionId: 7, serverIdentifier, cookie: undefined };
    return encodeEncryptedQuery(defaultCodePoints, head, (firstFour, identifier) => {
      const prepared = this.sealing.prepare(firstFour, identifier);
      return this.sealing.seal(prepared, inner(prepared.aad));
    });
  }

  /** Later queries leave out enc. */
  established(): this {
    this.sealing.omitEnc();
    return this;
  }

  /** The inner message of a response. */
  open(octets: Buffer): Message {
    const { envelope, aad } = decodeEncryptedResponse(defaultCodePoints, octets);
    expect(octets.subarray(0, 4)).toEqual(firstFourOf(messageTypes['encrypted-response'], 7));
    expect(envelope).toMatchObject({ mode: 1, contextIdentifier: this.contextIdentifier });
    const { keyId, keyType } = this.key.public;
    const info = responseInfo(keyId, this.recipient.serverKeyId);
    const psk = this.setup.context.export(Buffer.from('dhcpv6-encryption-01 response psk'), 32);
    const opened = setupPskR(suiteFor(keyType), envelope.enc, this.key, info, psk, this.contextIdentifier);
    return decodeMessage(unpadPlaintext(opened.open(envelope.sequence, aad, envelope.ciphertext)));
  }
}

export function dataOf({ options }: Message, code: number): Buffer {
  return options.find((option) => option.code === code)!.data;
}
