// SPDX-License-Identifier: MPL-2.0

/**
 * Messages of docs/protocol.md with any part of them wrong, from somebody who has all keys that the message needs:
 * what is not said to be wrong is as it should be, signatures and AEAD tags included.
 */
import { randomInt } from 'node:crypto';
import {
  encodeEnvelopeHeader,
  encodeTimestamp,
  envelopeAad,
  ntpFromUnixMilliseconds,
  padPlaintext,
  type RecipientPrivateKey,
  type RecipientPublicKey,
  recipientTag,
  type SenderContext,
  setupBaseS,
  setupPskS,
  sign,
  signatureAlgorithmFor,
  type Suite,
  suiteFor,
} from '../../../../src/crypto';
import {
  type DhcpOption,
  encodeMessage,
  encodeOptions,
  type Message,
  OptionCode,
} from '../../../../src/dhcpv6';
import { defaultCodePoints, HpkeMode, queryInfo, type Signer } from '../../../../src/protocol';
import { SERVER_DUID } from '../../support';

export const codes = defaultCodePoints.optionCodes;
export const types = defaultCodePoints.messageTypes;

let lastTimestamp = 0n;

/** NTP timestamp of now, or so many seconds later; of now no two are the same. */
export function timestamp(later = 0): bigint {
  const time = ntpFromUnixMilliseconds(Date.now() + later * 1000);
  if (later !== 0) {
    return time;
  }
  lastTimestamp = time > lastTimestamp ? time : lastTimestamp + 1n;
  return lastTimestamp;
}

export function newTransaction(): number {
  return randomInt(1, 0xffffff);
}

export function timestampOption(value = timestamp()): DhcpOption {
  return { code: codes.timestamp, data: encodeTimestamp(value) };
}

export function credentialOf(signer: Signer): DhcpOption[] {
  return signer.chain.length === 0
    ? [{ code: codes['public-key'], data: signer.key.public.spki }]
    : signer.chain.map((data) => ({ code: codes.certificate, data }));
}

export interface Signing {
  readonly key: RecipientPrivateKey;
  /** Ids that the option shows, and the ones that are used. */
  readonly shown?: readonly [haId: number, saId: number];
  readonly used?: readonly [haId: number, saId: number];
  /** What comes before the message in what is signed. */
  readonly prefix?: Buffer;
  /** Changes what is signed. */
  readonly covered?: (octets: Buffer) => Buffer;
  /** Changes the signature. */
  readonly signature?: (octets: Buffer) => Buffer;
  /** Options after the Signature option, covered. */
  readonly after?: readonly DhcpOption[];
}

/** `message` with a Signature option behind its options. */
export function sealWithSignature(message: Message, signing: Signing): Buffer {
  const { key, prefix = Buffer.alloc(0), covered = (octets: Buffer) => octets } = signing;
  const { haId, saId, signatureLength } = signatureAlgorithmFor(key.public);
  const ids = signing.shown ?? [haId, saId];
  const used = signing.used ?? [haId, saId];
  const finish = signing.signature ?? ((octets: Buffer) => octets);
  const build = (signature: Buffer): Buffer =>
    encodeMessage({
      ...message,
      options: [
        ...message.options,
        { code: codes.signature, data: Buffer.concat([Buffer.from(ids), signature]) },
        ...(signing.after ?? []),
      ],
    });
  const unsigned = build(Buffer.alloc(finish(Buffer.alloc(signatureLength)).length));
  return build(finish(sign(key, used[0], used[1], Buffer.concat([prefix, covered(unsigned)]))));
}

export interface Authentication extends Partial<Signing> {
  readonly msgType: number;
  readonly transactionId?: number;
  readonly signer: Signer;
  /** In the place of the signer's. */
  readonly credential?: readonly DhcpOption[];
  /** Before the credential. */
  readonly options?: readonly DhcpOption[];
  /** undefined leaves the option out. */
  readonly timestamp?: bigint | undefined;
}

/** An Encrypted-Request, a Solicit of solution B, or what a server answers. */
export function authentication(parts: Authentication): Buffer {
  const { signer, options = [], transactionId = newTransaction() } = parts;
  const time = 'timestamp' in parts ? parts.timestamp : timestamp();
  const message = {
    msgType: parts.msgType,
    transactionId,
    options: [
      ...options,
      ...(parts.credential ?? credentialOf(signer)),
      ...(time === undefined ? [] : [timestampOption(time)]),
    ],
  };
  return sealWithSignature(message, { ...parts, key: parts.key ?? signer.key });
}

export interface Outer {
  readonly transactionId?: number;
  readonly serverIdentifier?: Buffer;
  readonly suite?: Suite;
  readonly mode?: number;
  readonly tag?: Buffer;
  readonly enc?: Buffer;
  readonly sequence?: number;
  /** Further options of the Encrypted-Query. */
  readonly options?: readonly DhcpOption[];
}

/** What is inside an envelope, for its aad and its transaction-id. */
export type Inside = (aad: Buffer, transactionId: number) => Buffer;

/** An HPKE context towards a server, for queries that are wrong outside or inside. */
export class Queries {
  readonly enc: Buffer;
  private readonly context: SenderContext;
  private readonly mode: number;
  private readonly tag: Buffer;

  constructor(
    recipient: RecipientPublicKey,
    private readonly suite: Suite = suiteFor(recipient.keyType),
    psk?: Buffer,
  ) {
    const setup =
      psk === undefined
        ? setupBaseS(suite, recipient, queryInfo)
        : setupPskS(suite, recipient, queryInfo, psk, Buffer.from('id'));
    this.enc = setup.enc;
    this.context = setup.context;
    this.mode = psk === undefined ? HpkeMode.Base : HpkeMode.Psk;
    this.tag = recipientTag(recipient.spki);
  }

  /** An Encrypted-Query with `inside`, padded. */
  query(inside: Inside, outer: Outer = {}): Buffer {
    return this.plain((aad, transactionId) => padPlaintext(inside(aad, transactionId)), outer);
  }

  /** An Encrypted-Query with any plaintext. */
  plain(inside: Inside, outer: Outer = {}): Buffer {
    const { transactionId = newTransaction(), serverIdentifier = SERVER_DUID, options = [] } = outer;
    const header = encodeEnvelopeHeader({
      mode: outer.mode ?? this.mode,
      suite: outer.suite ?? this.suite,
      recipientTag: outer.tag ?? this.tag,
      sequence: outer.sequence ?? this.context.nextSequence,
      enc: outer.enc ?? this.enc,
    });
    const head = { msgType: types['encrypted-query'], transactionId };
    const server = { code: OptionCode.ServerIdentifier, data: serverIdentifier };
    const firstFour = encodeMessage({ ...head, options: [] });
    const aad = envelopeAad(firstFour, encodeOptions([server]), header);
    const sealed = this.context.seal(aad, inside(aad, transactionId));
    const envelope = { code: codes['encrypted-message'], data: Buffer.concat([header, sealed]) };
    return encodeMessage({ ...head, options: [server, envelope, ...options] });
  }
}

export interface Proof extends Partial<Signing> {
  readonly signer: Signer;
  /** undefined leaves the option out. */
  readonly keyIdentifier?: Buffer | undefined;
  readonly timestamp?: bigint | undefined;
  readonly unsigned?: boolean;
  /** The credential inside. */
  readonly credential?: readonly DhcpOption[];
  readonly transactionId?: number;
}

/** The inside of an opening query (docs/protocol.md 4.3). */
export function opening(message: Omit<Message, 'transactionId'>, proof: Proof): Inside {
  const { signer, credential = [] } = proof;
  const time = 'timestamp' in proof ? proof.timestamp : timestamp();
  const keyIdentifier = 'keyIdentifier' in proof ? proof.keyIdentifier : signer.key.public.keyId;
  const options = [
    ...message.options,
    ...credential,
    ...(keyIdentifier === undefined ? [] : [{ code: codes['key-identifier'], data: keyIdentifier }]),
    ...(time === undefined ? [] : [timestampOption(time)]),
  ];
  return (aad, transactionId) => {
    const whole = { ...message, transactionId: proof.transactionId ?? transactionId, options };
    const prefix = Buffer.concat([Buffer.from('dhcpv6-encryption-00 signed query\0'), aad]);
    return proof.unsigned === true
      ? encodeMessage(whole)
      : sealWithSignature(whole, { prefix, ...proof, key: proof.key ?? signer.key });
  };
}

/** The inside of a later query. */
export function later(message: Omit<Message, 'transactionId'>): Inside {
  return (_aad, transactionId) => encodeMessage({ ...message, transactionId });
}

/** A message in Relay-forward of the relay that `link` names, as if `peer` had sent it. */
export function relayed(message: Buffer, link: Buffer, peer: Buffer, interfaceId?: string): Buffer {
  const header = Buffer.concat([Buffer.from([12, 0]), link, peer]);
  const options = [
    ...(interfaceId === undefined ? [] : [{ code: OptionCode.InterfaceId, data: Buffer.from(interfaceId) }]),
    { code: OptionCode.RelayMessage, data: message },
  ];
  return Buffer.concat([header, encodeOptions(options)]);
}
