// SPDX-License-Identifier: MPL-2.0

import {
  AeadId,
  type DecapsulationKey,
  type EncapsulationKey,
  kemById,
  kems,
  padPlaintext,
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
import {
  queryInfo,
  recipientTag,
  RESPONSE_PSK_LENGTH,
  responseInfo,
  responsePskContext,
} from '../../src/protocol';
import { decodeEnvelope, encodeEnvelopeHeader, envelopeAad } from '../../src/protocol/envelope';
import { ephemeralOf, hex, namedKey, vectors } from '../crypto/support/vectors';
import { encryptionKeys } from './support/known-answers';

interface MessageVector {
  readonly sequence_number: number;
  readonly enc_left_out: boolean;
  readonly msg_type: number;
  readonly transaction_id: string;
  readonly inner: string;
  readonly plaintext: string;
  readonly aad: string;
  readonly envelope: string;
}

interface EnvelopeVector {
  readonly direction: 'query' | 'response' | 'response to a solution B Solicit';
  readonly draft_literal?: true;
  readonly server: string;
  readonly client?: string;
  readonly recipient: string;
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly context_identifier: string;
  readonly info: string;
  readonly server_identifier: string | null;
  readonly psk?: string;
  readonly psk_id?: string;
  readonly ikmE?: string;
  readonly xwing_eseed?: string;
  readonly rsa_s?: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly aead_key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly export_response_psk?: string;
  readonly response_psk_id?: string;
  readonly messages: readonly MessageVector[];
}

const { cases } = vectors('protocol/envelope.json') as { readonly cases: readonly EnvelopeVector[] };
const noTag = Buffer.alloc(8);

interface Recipient {
  readonly skR: DecapsulationKey;
  readonly pkR: EncapsulationKey;
  readonly tag: Buffer;
}

function recipientOf({ recipient }: EnvelopeVector): Recipient {
  const vector = encryptionKeys[recipient];
  if (vector === undefined) {
    const key = namedKey(recipient);
    return { skR: key, pkR: key.public, tag: recipientTag(key.kemId, key.public.spki) };
  }
  const kem = kemById(vector.kem_id);
  const pkR = kem.deserializePublicKey(hex(vector.public));
  return {
    skR: kem.deserializePrivateKey(hex(vector.private)),
    pkR,
    tag: recipientTag(kem.kemId, pkR.octets),
  };
}

const suiteOf = ({ kem_id, kdf_id, aead_id }: EnvelopeVector): Suite => ({
  kemId: kem_id,
  kdfId: kdf_id,
  aeadId: aead_id,
});

function setupS(vector: EnvelopeVector, pkR: EncapsulationKey): SenderSetup {
  const [suite, info, ephemeral] = [suiteOf(vector), hex(vector.info), ephemeralOf(vector)];
  return vector.psk === undefined
    ? setupBaseS(suite, pkR, info, ephemeral)
    : setupPskS(suite, pkR, info, hex(vector.psk), hex(vector.psk_id!), ephemeral);
}

function setupR(vector: EnvelopeVector, skR: DecapsulationKey): RecipientContext {
  const [suite, info, enc] = [suiteOf(vector), hex(vector.info), hex(vector.enc)];
  return vector.psk === undefined
    ? setupBaseR(suite, enc, skR, info)
    : setupPskR(suite, enc, skR, info, hex(vector.psk), hex(vector.psk_id!));
}

function aadOf(vector: EnvelopeVector, message: MessageVector, header: Buffer): Buffer {
  const firstFour = Buffer.concat([Buffer.of(message.msg_type), hex(message.transaction_id)]);
  if (vector.server_identifier === null) {
    return envelopeAad(firstFour, undefined, header);
  }
  const duid = hex(vector.server_identifier);
  return envelopeAad(firstFour, Buffer.concat([Buffer.of(0, 2, 0, duid.length), duid]), header);
}

test('the vectors cover each KEM with each AEAD, both directions, and section 9', () => {
  const queries = cases.filter(({ direction, draft_literal }) => direction === 'query' && !draft_literal);
  expect(new Set(queries.map(({ kem_id, aead_id }) => `${kem_id} ${aead_id}`))).toEqual(
    new Set(kems.flatMap(({ kemId }) => Object.values(AeadId).map((aeadId) => `${kemId} ${aeadId}`))),
  );
  for (const direction of ['response', 'response to a solution B Solicit']) {
    const found = cases.filter((vector) => vector.direction === direction).map(({ kem_id }) => kem_id);
    expect(new Set(found)).toEqual(new Set(kems.map(({ kemId }) => kemId)));
  }
  expect(cases.filter(({ draft_literal }) => draft_literal)).toHaveLength(3);
  expect(cases).toHaveLength(35);
});

describe.each(cases.map((vector, index) => ({ ...vector, index })))(
  'docs/protocol.md 4, envelope $index: $direction to $recipient, AEAD $aead_id',
  (vector) => {
    const { skR, pkR, tag } = recipientOf(vector);

    test('Encap, Decap and KeySchedule', () => {
      const { enc, sharedSecret } = pkR.encap(ephemeralOf(vector));
      expect(enc.toString('hex')).toBe(vector.enc);
      expect(sharedSecret.toString('hex')).toBe(vector.shared_secret);
      expect(skR.decap(enc)).toEqual(sharedSecret);
      const psk = vector.psk === undefined ? undefined : { psk: hex(vector.psk), pskId: hex(vector.psk_id!) };
      const schedule = keySchedule(suiteOf(vector), sharedSecret, hex(vector.info), psk);
      expect(schedule.key.toString('hex')).toBe(vector.aead_key);
      expect(schedule.baseNonce.toString('hex')).toBe(vector.base_nonce);
      expect(schedule.exporterSecret.toString('hex')).toBe(vector.exporter_secret);
    });

    test('info names the keys', () => {
      const serverKeyId = namedKey(vector.server).public.keyId;
      const info =
        vector.direction === 'query'
          ? queryInfo(serverKeyId)
          : responseInfo(namedKey(vector.client!).public.keyId, serverKeyId);
      expect(info.toString('hex')).toBe(vector.info);
    });

    test('the sender makes the same envelopes octet by octet', () => {
      const { enc, context } = setupS(vector, pkR);
      for (const message of vector.messages) {
        while (context.nextSequence < message.sequence_number) {
          context.seal(Buffer.alloc(0), Buffer.alloc(0));
        }
        const header = encodeEnvelopeHeader({
          mode: vector.mode,
          ...suiteOf(vector),
          recipientTag: vector.direction === 'query' ? tag : noTag,
          sequence: context.nextSequence,
          contextIdentifier: hex(vector.context_identifier),
          enc: message.enc_left_out ? Buffer.alloc(0) : enc,
        });
        const aad = aadOf(vector, message, header);
        expect(aad.toString('hex')).toBe(message.aad);
        const plaintext = padPlaintext(hex(message.inner));
        expect(plaintext.toString('hex')).toBe(message.plaintext);
        const envelope = Buffer.concat([header, context.seal(aad, plaintext)]);
        expect(envelope.toString('hex')).toBe(message.envelope);
      }
    });

    test('the recipient opens them, in whatever order', () => {
      const context = setupR(vector, skR);
      for (const message of [...vector.messages].reverse()) {
        const envelope = decodeEnvelope(hex(message.envelope));
        expect(envelope).toMatchObject({ mode: vector.mode, ...suiteOf(vector) });
        expect(envelope.recipientTag).toEqual(vector.direction === 'query' ? tag : noTag);
        expect(envelope.contextIdentifier.toString('hex')).toBe(vector.context_identifier);
        expect(envelope.enc.toString('hex')).toBe(message.enc_left_out ? '' : vector.enc);
        expect(envelope.sequence).toBe(message.sequence_number);
        const aad = aadOf(vector, message, envelope.header);
        const plaintext = context.open(envelope.sequence, aad, envelope.ciphertext);
        expect(unpadPlaintext(plaintext).toString('hex')).toBe(message.inner);
      }
    });

    if (vector.export_response_psk !== undefined) {
      test("Export gives the responses' psk at either end", () => {
        for (const context of [setupS(vector, pkR).context, setupR(vector, skR)]) {
          const psk = context.export(responsePskContext, RESPONSE_PSK_LENGTH);
          expect(psk.toString('hex')).toBe(vector.export_response_psk);
        }
        expect(vector.response_psk_id).toBe(vector.context_identifier);
      });
    }
  },
);

interface KeyInfo {
  readonly recipient_tags: readonly {
    readonly kem_id: number;
    readonly public: string;
    readonly tag: string;
  }[];
  readonly literal_recipient_tags: readonly {
    readonly kem_id: number;
    readonly spki: string;
    readonly tag: string;
  }[];
  readonly info_towards_server: readonly { readonly server: string; readonly info: string }[];
  readonly info_towards_client: readonly {
    readonly client: string;
    readonly server: string;
    readonly info: string;
  }[];
}

describe('docs/protocol.md 4: recipient tags and infos', () => {
  const keyInfo = vectors('protocol/key-info.json') as KeyInfo;
  const keyId = (name: string): Buffer => namedKey(name).public.keyId;

  test.each(keyInfo.recipient_tags)('tag $tag', ({ kem_id, public: publicKey, tag }) => {
    expect(recipientTag(kem_id, hex(publicKey)).toString('hex')).toBe(tag);
  });

  test.each(keyInfo.literal_recipient_tags)("9: tag $tag of a credential's key", ({ kem_id, spki, tag }) => {
    expect(recipientTag(kem_id, hex(spki)).toString('hex')).toBe(tag);
  });

  test.each(keyInfo.info_towards_server)('info towards $server', ({ server, info }) => {
    expect(queryInfo(keyId(server)).toString('hex')).toBe(info);
  });

  test.each(keyInfo.info_towards_client)('info towards $client from $server', ({ client, server, info }) => {
    expect(responseInfo(keyId(client), keyId(server)).toString('hex')).toBe(info);
  });
});
