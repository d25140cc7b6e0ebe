// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DecapsulationKey,
  type EncapsulationKey,
  kemById,
  KemId,
  SenderContext,
  type SenderSetup,
  type Suite,
  setupBaseR,
  setupBaseS,
  setupPskR,
  setupPskS,
} from '../../src/crypto';
import { keySchedule } from '../../src/crypto/key-schedule';
import { decap, encap } from '../../src/crypto/setup';
import { parseStanzas } from './support/boringssl-vectors';
import { rawPrivateKey, rawPublicKey } from './support/raw-keys';
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

interface KeyForm {
  readonly form: string;
  readonly skR: DecapsulationKey;
  readonly pkR: EncapsulationKey;
}

/** A key pair in each form that the KEM has: encryption keys are of all, credentials of P-256 and P-384. */
function keyForms(kemId: number, skRm: Buffer, pkRm: Buffer): KeyForm[] {
  const kem = kemById(kemId);
  const encryptionKey = {
    form: 'encryption key',
    skR: kem.deserializePrivateKey(skRm),
    pkR: kem.deserializePublicKey(pkRm),
  };
  if (kemId === KemId.X25519) {
    return [encryptionKey];
  }
  const curve = kemId === KemId.P256 ? 'P-256' : 'P-384';
  const skR = rawPrivateKey(curve, skRm, pkRm);
  return [encryptionKey, { form: 'credential', skR, pkR: rawPublicKey(curve, pkRm) }];
}

const rfc = ['rfc9180-x25519.json', 'rfc9180-p256.json'].flatMap(
  (name) => (JSON.parse(readFileSync(join(__dirname, 'data', name), 'utf8')) as { cases: RfcVector[] }).cases,
);

test('RFC 9180 appendix A: the base and psk modes of X25519 and P-256 are all here', () => {
  const sections = ['A.1', 'A.2', 'A.3', 'A.4', 'A.5'];
  expect(rfc.map(({ section }) => section)).toEqual(sections.flatMap((name) => [`${name}.1`, `${name}.2`]));
});

const rfcWithKeys = rfc.flatMap((vector) =>
  keyForms(vector.kem_id, hex(vector.skRm), hex(vector.pkRm)).map((form) => ({ ...vector, ...form })),
);

describe.each(rfcWithKeys)('RFC 9180 appendix $section, $form', ({ skR, pkR, ...vector }) => {
  const suite: Suite = { kemId: vector.kem_id, kdfId: vector.kdf_id, aeadId: vector.aead_id };
  const info = hex(vector.info);
  const enc = hex(vector.enc);
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
    const derived = kemById(vector.kem_id).deriveKeyPair(hex(vector.ikmR));
    expect(derived.serialize().toString('hex')).toBe(vector.skRm);
    expect(derived.public.octets.toString('hex')).toBe(vector.pkRm);
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

/** The file's other stanzas are mode auth. */
const stanzas = parseStanzas(vectorText('hpke/boringssl-hpke_test_vectors.txt')).filter(
  ({ fields }) => fields.get('mode') === '0',
);

test("CFRG's vectors: mode base of X25519 and P-256 with each AEAD", () => {
  const suites = stanzas.map(({ fields }) => `${fields.get('kem_id')} ${fields.get('aead_id')}`);
  expect(suites).toEqual(['32 1', '32 2', '32 3', '16 1', '16 2', '16 3']);
});

const stanzasWithKeys = stanzas.flatMap((stanza) => {
  const [kemId, aeadId] = [Number(stanza.fields.get('kem_id')), Number(stanza.fields.get('aead_id'))];
  return keyForms(kemId, hex(stanza.fields.get('skRm')!), hex(stanza.fields.get('pkRm')!)).map((form) => ({
    ...stanza,
    ...form,
    kemId,
    aeadId,
  }));
});

/** The sender's seed is ikmE for P-256, and the ephemeral private key for X25519, which no ikmE is known for. */
function senderOf(
  suite: Suite,
  octets: (name: string) => Buffer,
  pkR: EncapsulationKey,
  skR: DecapsulationKey,
): SenderSetup {
  if (suite.kemId === KemId.P256) {
    return setupBaseS(suite, pkR, octets('info'), { ikmE: octets('sender_seed') });
  }
  const enc = kemById(suite.kemId).deserializePrivateKey(octets('sender_seed')).public.octets;
  const schedule = keySchedule(suite, decap(suite.kemId, enc, skR), octets('info'));
  return { enc, context: new SenderContext(schedule) };
}

describe.each(stanzasWithKeys)(
  "CFRG's vectors, KEM $kemId with AEAD $aeadId, $form",
  ({ fields, encryptions, exports, kemId, aeadId, skR, pkR }) => {
    const octets = (name: string) => hex(fields.get(name)!);
    const suite: Suite = { kemId, kdfId: Number(fields.get('kdf_id')), aeadId };

    test('257 messages and 3 exports, from either end', () => {
      const { enc, context } = senderOf(suite, octets, pkR, skR);
      expect(enc.toString('hex')).toBe(fields.get('enc'));
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
describe.each(
  caliptra.flatMap((vector) =>
    keyForms(vector.kem_id, hex(vector.skRm), hex(vector.pkRm)).map((form) => ({ ...vector, ...form })),
  ),
)("Caliptra's vector for P-384, $form", ({ skR, ...vector }) => {
  const suite: Suite = { kemId: vector.kem_id, kdfId: vector.kdf_id, aeadId: vector.aead_id };

  test('DeriveKeyPair, Decap, KeySchedule', () => {
    const derived = kemById(vector.kem_id).deriveKeyPair(hex(vector.ikmR));
    expect(derived.serialize().toString('hex')).toBe(vector.skRm);
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
  expect(caliptra.map(({ kem_id }) => kem_id)).toEqual([KemId.P384]);
});
