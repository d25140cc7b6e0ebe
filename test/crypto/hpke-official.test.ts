// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KemId, type Suite, setupBaseR, setupBaseS, setupPskR, setupPskS } from '../../src/crypto';
import { dhkemFor } from '../../src/crypto/dhkem';
import { keySchedule } from '../../src/crypto/key-schedule';
import { decap, encap } from '../../src/crypto/setup';
import { parseStanzas } from './support/boringssl-vectors';
import { curveOf, rawPrivateKey, rawPublicKey } from './support/raw-keys';
import { hex, vectors, vectorText } from './support/vectors';

interface RfcVector {
  readonly section: string;
  readonly mode: number;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly ikmE: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly psk?: string;
  readonly psk_id?: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly exporter_secret: string;
  readonly encryptions: readonly {
    readonly sequence_number: number;
    readonly pt: string;
    readonly aad: string;
    readonly ct: string;
  }[];
  readonly exports: readonly {
    readonly exporter_context: string;
    readonly L: number;
    readonly exported_value: string;
  }[];
}

const rfc = (
  JSON.parse(readFileSync(join(__dirname, 'data', 'rfc9180-p256.json'), 'utf8')) as { cases: RfcVector[] }
).cases;

test('RFC 9180 appendix A: the base and psk modes of P-256 are all here', () => {
  expect(rfc.map(({ section }) => section)).toEqual(['A.3.1', 'A.3.2', 'A.4.1', 'A.4.2', 'A.5.1', 'A.5.2']);
});

describe.each(rfc)('RFC 9180 appendix $section', (vector) => {
  const suite: Suite = { kemId: vector.kem_id, kdfId: vector.kdf_id, aeadId: vector.aead_id };
  const info = hex(vector.info);
  const enc = hex(vector.enc);
  const skR = rawPrivateKey('P-256', hex(vector.skRm), hex(vector.pkRm));
  const pkR = rawPublicKey('P-256', hex(vector.pkRm));
  const psk = vector.psk === undefined ? undefined : { psk: hex(vector.psk), pskId: hex(vector.psk_id!) };
  const ephemeral = { ikmE: hex(vector.ikmE) };
  const setupS = () =>
    psk === undefined
      ? setupBaseS(suite, pkR, info, ephemeral)
      : setupPskS(suite, pkR, info, psk.psk, psk.pskId, ephemeral);
  const setupR = () =>
    psk === undefined
      ? setupBaseR(suite, enc, skR, info)
      : setupPskR(suite, enc, skR, info, psk.psk, psk.pskId);

  test('DeriveKeyPair, Encap, Decap, KeySchedule', () => {
    expect(dhkemFor(curveOf['P-256']).deriveScalar(hex(vector.ikmR)).toString('hex')).toBe(vector.skRm);
    const encapsulation = encap(vector.kem_id, pkR, ephemeral);
    expect(encapsulation.enc.toString('hex')).toBe(vector.enc);
    expect(encapsulation.sharedSecret.toString('hex')).toBe(vector.shared_secret);
    expect(decap(vector.kem_id, enc, skR).toString('hex')).toBe(vector.shared_secret);
    const schedule = keySchedule(suite, hex(vector.shared_secret), info, psk);
    expect(schedule.key.toString('hex')).toBe(vector.key);
    expect(schedule.baseNonce.toString('hex')).toBe(vector.base_nonce);
    expect(schedule.exporterSecret.toString('hex')).toBe(vector.exporter_secret);
  });

  test('ContextS.Seal and ContextR.Open', () => {
    const { context } = setupS();
    const recipient = setupR();
    expect(vector.encryptions).toHaveLength(6);
    for (const { sequence_number, pt, aad, ct } of vector.encryptions) {
      while (context.nextSequence < sequence_number) {
        context.seal(Buffer.alloc(0), Buffer.alloc(0));
      }
      expect(context.seal(hex(aad), hex(pt)).toString('hex')).toBe(ct);
      expect(recipient.open(sequence_number, hex(aad), hex(ct)).toString('hex')).toBe(pt);
    }
  });

  test('Context.Export', () => {
    expect(vector.exports).toHaveLength(3);
    for (const { exporter_context, L, exported_value } of vector.exports) {
      expect(setupS().context.export(hex(exporter_context), L).toString('hex')).toBe(exported_value);
      expect(setupR().export(hex(exporter_context), L).toString('hex')).toBe(exported_value);
    }
  });
});

/** The file's other stanzas are X25519, which the protocol does not have, and mode auth. */
const stanzas = parseStanzas(vectorText('hpke/boringssl-hpke_test_vectors.txt')).filter(
  ({ fields }) => Number(fields.get('kem_id')) === KemId.DhkemP256 && fields.get('mode') === '0',
);

test("CFRG's vectors: mode base of P-256 with each AEAD", () => {
  expect(stanzas.map(({ fields }) => fields.get('aead_id'))).toEqual(['1', '2', '3']);
});

describe.each(stanzas.map((stanza) => ({ ...stanza, aeadId: Number(stanza.fields.get('aead_id')) })))(
  "CFRG's vectors, P-256 with AEAD $aeadId",
  ({ fields, encryptions, exports, aeadId }) => {
    const octets = (name: string) => hex(fields.get(name)!);
    const suite: Suite = { kemId: KemId.DhkemP256, kdfId: Number(fields.get('kdf_id')), aeadId };

    test('257 messages and 3 exports, from either end', () => {
      const { enc, context } = setupBaseS(suite, rawPublicKey('P-256', octets('pkRm')), octets('info'), {
        ikmE: octets('sender_seed'),
      });
      expect(enc.toString('hex')).toBe(fields.get('enc'));
      const skR = rawPrivateKey('P-256', octets('skRm'), octets('pkRm'));
      const recipient = setupBaseR(suite, enc, skR, octets('info'));
      expect(encryptions).toHaveLength(257);
      encryptions.forEach((encryption, sequence) => {
        const [aad, pt] = [hex(encryption.get('aad')!), hex(encryption.get('pt')!)];
        const ct = context.seal(aad, pt);
        expect(ct.toString('hex')).toBe(encryption.get('ct'));
        expect(recipient.open(sequence, aad, ct).equals(pt)).toBe(true);
      });
      expect(exports).toHaveLength(3);
      for (const exported of exports) {
        const exporterContext = hex(exported.get('exporter_context')!);
        const length = Number(exported.get('L'));
        for (const end of [context, recipient]) {
          expect(end.export(exporterContext, length).toString('hex')).toBe(exported.get('exported_value'));
        }
      }
    });
  },
);

interface CaliptraVector extends Omit<RfcVector, 'section' | 'exports' | 'encryptions'> {
  readonly encryptions: readonly { readonly pt: string; readonly aad: string; readonly ct: string }[];
}

const caliptra = vectors('hpke/caliptra-hpke-p384.json') as CaliptraVector[];

// Their ikmE is not the one behind enc, so the sender's side can't be reproduced.
describe.each(caliptra)("Caliptra's vector for P-384", (vector) => {
  const suite: Suite = { kemId: vector.kem_id, kdfId: vector.kdf_id, aeadId: vector.aead_id };
  const skR = rawPrivateKey('P-384', hex(vector.skRm), hex(vector.pkRm));

  test('DeriveKeyPair, Decap, KeySchedule', () => {
    expect(dhkemFor(curveOf['P-384']).deriveScalar(hex(vector.ikmR)).toString('hex')).toBe(vector.skRm);
    const sharedSecret = decap(vector.kem_id, hex(vector.enc), skR);
    expect(sharedSecret.toString('hex')).toBe(vector.shared_secret);
    const schedule = keySchedule(suite, sharedSecret, hex(vector.info));
    expect(schedule.key.toString('hex')).toBe(vector.key);
    expect(schedule.baseNonce.toString('hex')).toBe(vector.base_nonce);
    expect(schedule.exporterSecret.toString('hex')).toBe(vector.exporter_secret);
  });

  test('ContextR.Open', () => {
    const context = setupBaseR(suite, hex(vector.enc), skR, hex(vector.info));
    expect(vector.encryptions).toHaveLength(1);
    vector.encryptions.forEach(({ aad, ct, pt }, sequence) => {
      expect(context.open(sequence, hex(aad), hex(ct)).toString('hex')).toBe(pt);
    });
  });
});

test("Caliptra's vectors: one is there", () => {
  expect(caliptra.map(({ kem_id }) => kem_id)).toEqual([KemId.DhkemP384]);
});
