// SPDX-License-Identifier: MPL-2.0

/**
 * Messages of docs/protocol.md with any part of them wrong, from somebody who has all keys that the message needs:
 * what is not said to be wrong is as it should be, signatures and AEAD tags included.
 */
import { randomBytes, randomInt } from 'node:crypto';
import {
  contextSignatureAlgorithmFor,
  encodeTimestamp,
  kemById,
  type KemPrivateKey,
  type KemPublicKey,
  ntpFromUnixMilliseconds,
  padPlaintext,
  type RecipientPrivateKey,
  type SenderContext,
  setupBaseS,
  setupPskS,
  sign,
  type Suite,
} from '../../../../src/crypto';
import {
  type DhcpOption,
  encodeMessage,
  encodeOptions,
  type Message,
  MessageType,
  OptionCode,
} from '../../../../src/dhcpv6';
import {
  defaultCodePoints,
  HpkeMode,
  KemId,
  queryInfo,
  type QueryRecipient,
  recipientTag,
  type Signer,
  UNLIMITED_LIFETIME,
} from '../../../../src/protocol';
import { encodeEnvelopeHeader, envelopeAad } from '../../../../src/protocol/envelope';
import { encodeEncryptionKey, encodeKemList } from '../../../../src/protocol/options';
import { SERVER_DUID } from '../../support';

export const codes = defaultCodePoints.optionCodes;
export const types = defaultCodePoints.messageTypes;

/** Octets of an Encrypted-Request or Solicit, unless it has more (docs/protocol.md 3). */
const PADDED_LENGTH = 640;
const CONTEXT_IDENTIFIER_LENGTH = 16;
/** What tells an SA-id with a context string from the same algorithm without one (docs/protocol.md 2). */
const WITH_CONTEXT = 0x80;

/** The beginnings of what a client signs (docs/protocol.md 2, 4.2). */
export const labels = {
  client: Buffer.from('dhcpv6-encryption-01 client\0'),
  server: Buffer.from('dhcpv6-encryption-01 server\0'),
  query: Buffer.from('dhcpv6-encryption-01 signed query\0'),
} as const;

export function newClientKey(kemId: number = KemId.X25519): KemPrivateKey {
  return kemById(kemId).generateKeyPair(randomBytes);
}

/** An Encryption Key option of a client's. */
export function encryptionKeyOption({ kemId, octets }: Pick<KemPublicKey, 'kemId' | 'octets'>): DhcpOption {
  const data = encodeEncryptionKey({ kemId, lifetime: UNLIMITED_LIFETIME, publicKey: octets });
  return { code: codes['encryption-key'], data };
}

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
  /** Octets that the message has at least. */
  readonly padTo?: number;
}

/** `message` with a Signature option behind its options. */
export function sealWithSignature(message: Message, signing: Signing): Buffer {
  const {
    key,
    prefix = labels.client,
    covered = (octets: Buffer) => octets,
    padTo = 0,
    after = [],
  } = signing;
  const { haId, saId, signatureLength } = contextSignatureAlgorithmFor(key.public);
  const ids = signing.shown ?? [haId, saId];
  const used = signing.used ?? [haId, saId];
  const finish = signing.signature ?? ((octets: Buffer) => octets);
  const build = (signature: Buffer, padding: readonly DhcpOption[]): Buffer => {
    const option = { code: codes.signature, data: Buffer.concat([Buffer.from(ids), signature]) };
    return encodeMessage({ ...message, options: [...message.options, ...padding, option, ...after] });
  };
  const empty = Buffer.alloc(finish(Buffer.alloc(signatureLength)).length);
  const room = padTo - build(empty, []).length - 4;
  const padding = room < 0 ? [] : [{ code: codes.padding, data: Buffer.alloc(room) }];
  const toSign = Buffer.concat([prefix, covered(build(empty, padding))]);
  return build(finish(sign(key, used[0], used[1] & ~WITH_CONTEXT, toSign)), padding);
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
  /** In the place of KEM List and, in a Solicit, Encryption Key. */
  readonly keys?: readonly DhcpOption[];
}

export function kemListOption(...kemIds: readonly number[]): DhcpOption {
  return { code: codes['kem-list'], data: encodeKemList(kemIds) };
}

/** An Encrypted-Request that shows its sender, or a Solicit of solution B. */
export function authentication(parts: Authentication): Buffer {
  const { signer, options = [], transactionId = newTransaction() } = parts;
  const time = 'timestamp' in parts ? parts.timestamp : timestamp();
  const isSolicit = parts.msgType === MessageType.Solicit;
  const keys = [
    kemListOption(KemId.X25519),
    ...(isSolicit ? [encryptionKeyOption(newClientKey().public)] : []),
  ];
  const message = {
    msgType: parts.msgType,
    transactionId,
    options: [
      ...options,
      ...(parts.credential ?? credentialOf(signer)),
      ...(time === undefined ? [] : [timestampOption(time)]),
      ...(parts.keys ?? keys),
    ],
  };
  return sealWithSignature(message, { padTo: PADDED_LENGTH, ...parts, key: parts.key ?? signer.key });
}

export interface Outer {
  readonly transactionId?: number;
  readonly serverIdentifier?: Buffer;
  readonly suite?: Suite;
  readonly mode?: number;
  readonly tag?: Buffer;
  readonly contextIdentifier?: Buffer;
  /** Default: that of the context in its first query, none in the others. */
  readonly enc?: Buffer;
  readonly sequence?: number;
  /** Further options of the Encrypted-Query. */
  readonly options?: readonly DhcpOption[];
}

/** The context that an envelope is sent in. */
export interface Place {
  readonly info: Buffer;
  /** The client's, which responses go to. */
  readonly own: KemPrivateKey;
}

/** What is inside an envelope, for its aad, its transaction-id and its context. */
export type Inside = (aad: Buffer, transactionId: number, place: Place) => Buffer;

/** An HPKE context towards a server, for queries that are wrong outside or inside. */
export class Queries {
  readonly enc: Buffer;
  readonly contextIdentifier = randomBytes(CONTEXT_IDENTIFIER_LENGTH);
  private readonly place: Place;
  private readonly context: SenderContext;
  private readonly suite: Suite;
  private readonly mode: number;
  private readonly tag: Buffer;
  private isBegun = false;

  constructor({ encryptionKey, serverKeyId }: QueryRecipient, suite: Partial<Suite> = {}, psk?: Buffer) {
    const { kemId, kdfId, aeadId } = kemById(encryptionKey.kemId);
    this.suite = { kemId, kdfId, aeadId, ...suite };
    this.place = { info: queryInfo(serverKeyId), own: newClientKey(kemId) };
    const { info } = this.place;
    const setup =
      psk === undefined
        ? setupBaseS(this.suite, encryptionKey, info)
        : setupPskS(this.suite, encryptionKey, info, psk, Buffer.from('id'));
    this.enc = setup.enc;
    this.context = setup.context;
    this.mode = psk === undefined ? HpkeMode.Base : HpkeMode.Psk;
    this.tag = recipientTag(kemId, encryptionKey.octets);
  }

  /** An Encrypted-Query with `inside`, padded. */
  query(inside: Inside, outer: Outer = {}): Buffer {
    return this.plain((...args) => padPlaintext(inside(...args)), outer);
  }

  /** An Encrypted-Query with any plaintext. */
  plain(inside: Inside, outer: Outer = {}): Buffer {
    const { transactionId = newTransaction(), serverIdentifier = SERVER_DUID, options = [] } = outer;
    const header = encodeEnvelopeHeader({
      mode: outer.mode ?? this.mode,
      ...(outer.suite ?? this.suite),
      recipientTag: outer.tag ?? this.tag,
      sequence: outer.sequence ?? this.context.nextSequence,
      contextIdentifier: outer.contextIdentifier ?? this.contextIdentifier,
      enc: outer.enc ?? (this.isBegun ? Buffer.alloc(0) : this.enc),
    });
    this.isBegun = true;
    const head = { msgType: types['encrypted-query'], transactionId };
    const server = { code: OptionCode.ServerIdentifier, data: serverIdentifier };
    const firstFour = encodeMessage({ ...head, options: [] });
    const aad = envelopeAad(firstFour, encodeOptions([server]), header);
    const sealed = this.context.seal(aad, inside(aad, transactionId, this.place));
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
  /** undefined leaves the Encryption Key out. */
  readonly encryptionKey?: DhcpOption | undefined;
  /** The credential inside. */
  readonly credential?: readonly DhcpOption[];
  readonly transactionId?: number;
}

/** The inside of an opening query (docs/protocol.md 4.2). */
export function opening(message: Omit<Message, 'transactionId'>, proof: Proof): Inside {
  const { signer, credential = [] } = proof;
  const time = 'timestamp' in proof ? proof.timestamp : timestamp();
  const keyIdentifier = 'keyIdentifier' in proof ? proof.keyIdentifier : signer.key.public.keyId;
  return (aad, transactionId, { info, own }) => {
    const encryptionKey = 'encryptionKey' in proof ? proof.encryptionKey : encryptionKeyOption(own.public);
    const options = [
      ...message.options,
      ...credential,
      ...(encryptionKey === undefined ? [] : [encryptionKey]),
      ...(keyIdentifier === undefined ? [] : [{ code: codes['key-identifier'], data: keyIdentifier }]),
      ...(time === undefined ? [] : [timestampOption(time)]),
    ];
    const whole = { ...message, transactionId: proof.transactionId ?? transactionId, options };
    const prefix = Buffer.concat([labels.query, info, aad]);
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
