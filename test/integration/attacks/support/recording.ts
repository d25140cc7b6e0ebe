// SPDX-License-Identifier: MPL-2.0
import { type KemPrivateKey, kemById, setupBaseR, setupPskR } from '../../../../src/crypto';
import { decodeMessage, findOption, MessageType } from '../../../../src/dhcpv6';
import { EndEntity } from '../../../../src/pki';
import {
  decodeEncryptedQuery,
  defaultCodePoints,
  type EncryptedQuery,
  HpkeMode,
  KemId,
  queryInfo,
  readInnerQuery,
  receivedSuite,
  recipientTag,
  RESPONSE_PSK_LENGTH,
  responseInfo,
  responsePskContext,
} from '../../../../src/protocol';
import { decodeEncryptedResponse, type EncryptedMessage } from '../../../../src/protocol/encrypted-query';
import { readInnerResponse } from '../../../../src/protocol/inner-message';
import { decodeEncryptionKey } from '../../../../src/protocol/options';
import { codes, types } from './forge';

/** Octets of a private key of X25519, and of what one is derived from. */
const KEY_LENGTH = 32;

/** Private keys by their public ones, in hexadecimal. */
type KeyRing = ReadonlyMap<string, KemPrivateKey>;

/** What has opened of a recording. */
export interface Opened {
  readonly queries: number;
  readonly responses: number;
  /** Of the contexts that have opened: keys of the AEAD, exporter secrets, psks and private keys. */
  readonly secrets: readonly Buffer[];
}

/** All that passed a link, with keys of X25519, for whoever comes by private keys later (docs/protocol.md 4). */
export class Recording {
  readonly queries: readonly EncryptedQuery[];
  readonly responses: readonly EncryptedMessage[];
  private readonly kem = kemById(KemId.X25519);

  constructor(private readonly payloads: readonly Buffer[]) {
    this.queries = this.of(types['encrypted-query']).map((octets) =>
      decodeEncryptedQuery(defaultCodePoints, octets),
    );
    this.responses = this.of(types['encrypted-response'])
      .filter((octets) => this.option(octets, codes['encrypted-message']) !== undefined)
      .map((octets) => decodeEncryptedResponse(defaultCodePoints, octets));
  }

  /** Every run of octets in the files, taken for a private key and for what one is derived from. */
  keysIn(files: readonly Buffer[]): KeyRing {
    const runs = new Map<string, Buffer>();
    for (const file of files) {
      for (let at = 0; at + KEY_LENGTH <= file.length; at += 1) {
        const run = file.subarray(at, at + KEY_LENGTH);
        runs.set(run.toString('latin1'), run);
      }
    }
    const keys = [...runs.values()].flatMap((run) => [
      this.kem.deserializePrivateKey(run),
      this.kem.deriveKeyPair(Buffer.from(run)),
    ]);
    return new Map(keys.map((key) => [key.public.octets.toString('hex'), key]));
  }

  /** Which of the keys whose public ones stand in clear are there: Encryption Keys, and the fresh ones of an enc. */
  known(keys: KeyRing): string[] {
    const told = this.payloads.flatMap((octets) => this.encryptionKey(octets) ?? []);
    const fresh = [...this.queries, ...this.responses].map(({ envelope }) => envelope.enc);
    return [...new Set([...told, ...fresh].map((key) => key.toString('hex')))].filter((key) => keys.has(key));
  }

  /** Opens what the keys open. */
  open(keys: KeyRing): Opened {
    const contexts = this.opening(keys).map(({ query, key }) => this.openContext(query, key, keys));
    const offers = this.responses.filter((response) => this.opensOffer(response, keys));
    return {
      queries: contexts.reduce((sum, { queries }) => sum + queries, 0),
      responses: contexts.reduce((sum, { responses }) => sum + responses, offers.length),
      secrets: contexts.flatMap(({ secrets }) => secrets),
    };
  }

  private opening(keys: KeyRing) {
    const byTag = new Map(
      [...keys.values()].map((key) => [recipientTag(this.kem.kemId, key.public.octets).toString('hex'), key]),
    );
    return this.queries.flatMap((query) => {
      const key = byTag.get(query.envelope.recipientTag.toString('hex'));
      return key === undefined || query.envelope.enc.length === 0 ? [] : [{ query, key }];
    });
  }

  private openContext(
    { envelope, serverIdentifier }: EncryptedQuery,
    key: KemPrivateKey,
    keys: KeyRing,
  ): Opened {
    const { contextIdentifier } = envelope;
    const suite = receivedSuite(envelope, this.kem.kemId);
    const context = setupBaseR(suite, envelope.enc, key, queryInfo(this.serverKeyId));
    const inner = this.queries
      .filter((query) => query.envelope.contextIdentifier.equals(contextIdentifier))
      .map(({ envelope: { sequence, ciphertext }, aad, message: { transactionId } }) =>
        readInnerQuery(context.open(sequence, aad, ciphertext), { transactionId, serverIdentifier }),
      );
    const options = inner[0]?.message.options ?? [];
    const { publicKey } = decodeEncryptionKey(findOption(options, codes['encryption-key'])!.data);
    const clientKeyId = findOption(options, codes['key-identifier'])!.data;
    const psk = context.export(responsePskContext, RESPONSE_PSK_LENGTH);
    const own = keys.get(publicKey.toString('hex'));
    const [responses = []] =
      own === undefined
        ? []
        : [
            this.openResponses({
              contextIdentifier,
              psk,
              own,
              info: responseInfo(clientKeyId, this.serverKeyId),
            }),
          ];
    const schedule = context['schedule'];
    const found = own === undefined ? [key] : [key, own];
    const secrets = [schedule.key, schedule.exporterSecret, psk, ...found.map((one) => one.serialize())];
    return { queries: inner.length, responses: responses.length, secrets };
  }

  private openResponses(context: {
    readonly contextIdentifier: Buffer;
    readonly psk: Buffer;
    readonly own: KemPrivateKey;
    readonly info: Buffer;
  }): unknown[] {
    const { contextIdentifier, psk, own, info } = context;
    const inThis = this.responses.filter(({ envelope }) =>
      envelope.contextIdentifier.equals(contextIdentifier),
    );
    const enc = inThis.find(({ envelope }) => envelope.enc.length > 0)?.envelope.enc;
    if (enc === undefined) {
      return [];
    }
    const suite = receivedSuite(inThis[0]!.envelope, this.kem.kemId);
    const opening = setupPskR(suite, enc, own, info, psk, contextIdentifier);
    return inThis.map(({ envelope: { sequence, ciphertext }, aad, message: { transactionId } }) =>
      readInnerResponse(opening.open(sequence, aad, ciphertext), {
        transactionId,
        serverIdentifier: undefined,
      }),
    );
  }

  /** The answer to a Solicit of solution B is to the key in that. */
  private opensOffer({ envelope, message: { transactionId } }: EncryptedMessage, keys: KeyRing): boolean {
    if (envelope.mode !== HpkeMode.Base) {
      return false;
    }
    const solicit = this.of(MessageType.Solicit).find((octets) => octets.readUIntBE(1, 3) === transactionId);
    return keys.has(this.encryptionKey(solicit ?? Buffer.alloc(4))?.toString('hex') ?? '');
  }

  private get serverKeyId(): Buffer {
    const answers = [...this.of(types['encrypted-reply']), ...this.of(types['encrypted-response'])];
    const certificate = answers.flatMap((octets) => this.option(octets, codes.certificate) ?? [])[0];
    return EndEntity.parse(certificate ?? Buffer.alloc(0)).keyId;
  }

  private of(msgType: number): Buffer[] {
    return this.payloads.filter(([type]) => type === msgType);
  }

  private encryptionKey(octets: Buffer): Buffer | undefined {
    const data = this.option(octets, codes['encryption-key']);
    return data && decodeEncryptionKey(data).publicKey;
  }

  private option(octets: Buffer, code: number): Buffer | undefined {
    return findOption(decodeMessage(octets).options, code)?.data;
  }
}

/** The text as it is, and what stands in it in hexadecimal and in base64, PEM's lines included. */
export function readings(contents: Buffer): Buffer[] {
  const text = contents.toString('latin1');
  const hex = text.match(/[\da-f]{64,}/gi) ?? [];
  const base64 = text.match(/[\w+/-]{43,}(?:\r?\n[\w+/-]+)*/g) ?? [];
  return [
    contents,
    // Which of two digits is the first of an octet nobody knows.
    ...hex.flatMap((run) => [Buffer.from(run, 'hex'), Buffer.from(run.slice(1), 'hex')]),
    ...base64.map((run) => Buffer.from(run, 'base64')),
  ];
}
