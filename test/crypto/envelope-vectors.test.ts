// SPDX-License-Identifier: MPL-2.0

import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import {
  AeadId,
  encodeEnvelopeHeader,
  envelopeAad,
  KemId,
  padPlaintext,
  parseEnvelope,
  type RecipientContext,
  type SenderSetup,
  setupBaseR,
  setupBaseS,
  setupPskR,
  setupPskS,
  type Suite,
  unpadPlaintext,
} from '../../src/crypto';
import { keySchedule } from '../../src/crypto/key-schedule';
import { decap, encap } from '../../src/crypto/setup';
import { emeOaepEncode } from './support/oaep';
import { ephemeralOf, hex, namedKey, vectors } from './support/vectors';

interface MessageVector {
  readonly sequence_number: number;
  readonly msg_type: number;
  readonly transaction_id: string;
  readonly inner: string;
  readonly plaintext: string;
  readonly aad: string;
  readonly envelope: string;
  readonly message: string;
}

interface EnvelopeVector {
  readonly direction: 'query' | 'response' | 'response to a solution B Solicit';
  readonly recipient: string;
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly server_identifier: string | null;
  readonly psk?: string;
  readonly psk_id?: string;
  readonly ikmE?: string;
  readonly rsa_s?: string;
  readonly rsa_oaep_seed?: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly aead_key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly export_response_psk?: string;
  readonly messages: readonly MessageVector[];
}

const { cases } = vectors('protocol/envelope.json') as { cases: EnvelopeVector[] };

function suiteOf(vector: EnvelopeVector): Suite {
  return { kemId: vector.kem_id, kdfId: vector.kdf_id, aeadId: vector.aead_id };
}

function setupS(vector: EnvelopeVector): SenderSetup {
  const pkR = namedKey(vector.recipient).public;
  const info = Buffer.from(vector.info, 'ascii');
  const ephemeral = ephemeralOf(vector);
  return vector.psk === undefined
    ? setupBaseS(suiteOf(vector), pkR, info, ephemeral)
    : setupPskS(suiteOf(vector), pkR, info, hex(vector.psk), hex(vector.psk_id!), ephemeral);
}

function setupR(vector: EnvelopeVector): RecipientContext {
  const skR = namedKey(vector.recipient);
  const info = Buffer.from(vector.info, 'ascii');
  const enc = hex(vector.enc);
  return vector.psk === undefined
    ? setupBaseR(suiteOf(vector), enc, skR, info)
    : setupPskR(suiteOf(vector), enc, skR, info, hex(vector.psk), hex(vector.psk_id!));
}

function serverIdentifierOption(duid: string | null): Buffer | undefined {
  if (duid === null) {
    return undefined;
  }
  const option = Buffer.concat([Buffer.alloc(4), hex(duid)]);
  option.writeUInt16BE(2, 0);
  option.writeUInt16BE(option.length - 4, 2);
  return option;
}

test('the vectors cover each kind of key in both directions, and each AEAD', () => {
  const seen = new Set(cases.map(({ direction, kem_id }) => `${direction} ${kem_id}`));
  const directions = ['query', 'response', 'response to a solution B Solicit'];
  const kems = [KemId.DhkemP256, KemId.DhkemP384, KemId.Rsa];
  expect(seen).toEqual(new Set(directions.flatMap((direction) => kems.map((kem) => `${direction} ${kem}`))));
  expect(new Set(cases.map(({ aead_id }) => aead_id))).toEqual(new Set(Object.values(AeadId)));
  expect(cases).toHaveLength(22);
});

describe.each(
  cases.map((vector, index) => ({
    ...vector,
    title: `${index}: ${vector.direction} to ${vector.recipient}, AEAD ${vector.aead_id}`,
  })),
)('docs/protocol.md 4, envelope $title', (vector) => {
  test('Encap gives enc and shared_secret', () => {
    const { enc, sharedSecret } = encap(
      vector.kem_id,
      namedKey(vector.recipient).public,
      ephemeralOf(vector),
    );
    expect(enc.toString('hex')).toBe(vector.enc);
    expect(sharedSecret.toString('hex')).toBe(vector.shared_secret);
  });

  test('Decap gives shared_secret', () => {
    const sharedSecret = decap(vector.kem_id, hex(vector.enc), namedKey(vector.recipient));
    expect(sharedSecret.toString('hex')).toBe(vector.shared_secret);
  });

  test('KeySchedule gives key, base_nonce and exporter_secret', () => {
    const psk = vector.psk === undefined ? undefined : { psk: hex(vector.psk), pskId: hex(vector.psk_id!) };
    const schedule = keySchedule(
      suiteOf(vector),
      hex(vector.shared_secret),
      Buffer.from(vector.info, 'ascii'),
      psk,
    );
    expect(schedule.key.toString('hex')).toBe(vector.aead_key);
    expect(schedule.baseNonce.toString('hex')).toBe(vector.base_nonce);
    expect(schedule.exporterSecret.toString('hex')).toBe(vector.exporter_secret);
  });

  test('the sender makes the same envelopes octet by octet', () => {
    const { enc, context } = setupS(vector);
    const tag =
      vector.direction === 'query' ? namedKey(vector.recipient).public.keyId.subarray(0, 8) : Buffer.alloc(8);
    for (const message of vector.messages) {
      while (context.nextSequence < message.sequence_number) {
        context.seal(Buffer.alloc(0), Buffer.alloc(0));
      }
      const header = encodeEnvelopeHeader({
        mode: vector.mode,
        suite: suiteOf(vector),
        recipientTag: tag,
        sequence: context.nextSequence,
        enc,
      });
      const firstFour = Buffer.concat([Buffer.of(message.msg_type), hex(message.transaction_id)]);
      const aad = envelopeAad(firstFour, serverIdentifierOption(vector.server_identifier), header);
      expect(aad.toString('hex')).toBe(message.aad);
      const plaintext = padPlaintext(hex(message.inner));
      expect(plaintext.toString('hex')).toBe(message.plaintext);
      expect(Buffer.concat([header, context.seal(aad, plaintext)]).toString('hex')).toBe(message.envelope);
    }
  });

  test('the recipient opens them in any order', () => {
    const context = setupR(vector);
    for (const message of [...vector.messages].reverse()) {
      const envelope = parseEnvelope(hex(message.envelope));
      expect(envelope).toMatchObject({
        version: 1,
        mode: vector.mode,
        kemId: vector.kem_id,
        kdfId: vector.kdf_id,
        aeadId: vector.aead_id,
        sequence: message.sequence_number,
      });
      expect(envelope.enc.toString('hex')).toBe(vector.enc);
      const plaintext = context.open(envelope.sequence, hex(message.aad), envelope.ciphertext);
      expect(unpadPlaintext(plaintext).toString('hex')).toBe(message.inner);
    }
  });

  test('both ends export the same', () => {
    const exporterContext = Buffer.from('dhcpv6-encryption-00 response psk', 'ascii');
    const sent = setupS(vector).context.export(exporterContext, 32).toString('hex');
    const received = setupR(vector).export(exporterContext, 32).toString('hex');
    expect(sent).toBe(received);
    expect(received).toBe(vector.export_response_psk ?? received);
  });
});

describe.each(cases.filter(({ rsa_s }) => rsa_s !== undefined))(
  'docs/protocol.md 4.2, $direction to $recipient',
  (vector) => {
    test('enc is RSAES-OAEP of s under the given seed', () => {
      const { publicKey } = namedKey(vector.recipient).public;
      const encoded = emeOaepEncode(hex(vector.rsa_s!), hex(vector.rsa_oaep_seed!), vector.enc.length / 2);
      const enc = publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, encoded);
      expect(enc.toString('hex')).toBe(vector.enc);
    });

    test('enc decrypts to s', () => {
      const { privateKey } = namedKey(vector.recipient);
      const oaep = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      expect(privateDecrypt(oaep, hex(vector.enc)).toString('hex')).toBe(vector.rsa_s);
    });
  },
);
