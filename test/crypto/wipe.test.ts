// SPDX-License-Identifier: MPL-2.0

import * as crypto from 'node:crypto';
import {
  type RecipientContext,
  RecipientPrivateKey,
  SenderContext,
  setupBaseR,
  setupPskS,
  suiteFor,
} from '../../src/crypto';
import { kdfById, LabeledKdf } from '../../src/crypto/kdf';
import { extractAndExpand } from '../../src/crypto/kem/kem';
import { keySchedule } from '../../src/crypto/key-schedule';
import { decap, encap, setupBaseS } from '../../src/crypto/setup';

const info = Buffer.from('info');
const aad = Buffer.from('aad');
const keyTypes = ['P-256', 'P-384', 'RSA'] as const;

function keyOf(keyType: (typeof keyTypes)[number]): RecipientPrivateKey {
  const { privateKey } =
    keyType === 'RSA'
      ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
      : crypto.generateKeyPairSync('ec', { namedCurve: keyType });
  return RecipientPrivateKey.fromKeyObject(privateKey);
}

const isZero = (octets: Buffer): boolean => octets.length > 0 && octets.every((octet) => octet === 0);

describe('secrets that are needed no more are overwritten', () => {
  test('what a KEM agreed on, once the shared secret is made of it', () => {
    const kdf = new LabeledKdf(kdfById(1), Buffer.from('KEM'));
    const dh = crypto.randomBytes(32);
    const sharedSecret = extractAndExpand(kdf, dh, info);
    expect(isZero(dh)).toBe(true);
    expect(isZero(sharedSecret)).toBe(false);
  });

  test.each(keyTypes)('the shared secret, once a context is made of it: %s', (keyType) => {
    const [suite, skR] = [suiteFor(keyType), keyOf(keyType)];
    const wiped: Buffer[] = [];
    const fill = jest.spyOn(Buffer.prototype, 'fill');
    fill.mockImplementation(function (this: Buffer, value) {
      wiped.push(Buffer.from(this));
      return Uint8Array.prototype.fill.call(this, Number(value)) as Buffer;
    });
    let enc: Buffer;
    try {
      ({ enc } = setupBaseS(suite, skR.public, info));
      setupBaseR(suite, enc, skR, info);
    } finally {
      fill.mockRestore();
    }
    const sharedSecret = decap(suite.kemId, enc, skR);
    // By the sender and by the recipient.
    expect(wiped.filter((octets) => octets.equals(sharedSecret))).toHaveLength(2);
  });

  test('the caller keeps what it gave in', () => {
    const ephemeral = { s: crypto.randomBytes(32), enc: crypto.randomBytes(256) };
    const s = Buffer.from(ephemeral.s);
    encap(suiteFor('RSA').kemId, keyOf('RSA').public, ephemeral);
    expect(ephemeral.s).toEqual(s);
    const ikmE = crypto.randomBytes(32);
    const before = Buffer.from(ikmE);
    encap(suiteFor('P-256').kemId, keyOf('P-256').public, { ikmE });
    expect(ikmE).toEqual(before);
    const psk = crypto.randomBytes(32);
    const pskBefore = Buffer.from(psk);
    setupPskS(suiteFor('P-256'), keyOf('P-256').public, info, psk, Buffer.from('id'));
    expect(psk).toEqual(pskBefore);
  });
});

describe('a context that is wiped', () => {
  const skR = keyOf('P-256');
  const suite = suiteFor('P-256');
  let sender: SenderContext;
  let recipient: RecipientContext;

  beforeEach(() => {
    const { enc, context } = setupBaseS(suite, skR.public, info);
    sender = context;
    recipient = setupBaseR(suite, enc, skR, info);
  });

  test('has no keys any more', () => {
    for (const context of [sender, recipient]) {
      const schedule = context instanceof SenderContext ? context['schedule'] : context['schedule'];
      const secrets = schedule['secrets'];
      expect([schedule.key, schedule.baseNonce, schedule.exporterSecret].some(isZero)).toBe(false);
      context.wipe();
      expect(isZero(secrets)).toBe(true);
    }
  });

  test('seals, opens and exports nothing, and least of all with zeros', () => {
    const ciphertext = sender.seal(aad, Buffer.from('plaintext'));
    expect(recipient.open(0, aad, ciphertext).toString()).toBe('plaintext');
    sender.wipe();
    recipient.wipe();
    const refusal = expect.objectContaining({ code: 'context-wiped' });
    expect(() => sender.seal(aad, Buffer.from('plaintext'))).toThrow(refusal);
    expect(() => sender.export(aad, 32)).toThrow(refusal);
    expect(() => recipient.open(0, aad, ciphertext)).toThrow(refusal);
    expect(() => recipient.export(aad, 32)).toThrow(refusal);
  });

  test('leaves another one of the same keys alone', () => {
    const { enc, context } = setupBaseS(suite, skR.public, info);
    const [one, other] = [setupBaseR(suite, enc, skR, info), setupBaseR(suite, enc, skR, info)];
    const ciphertext = context.seal(aad, Buffer.from('plaintext'));
    one.wipe();
    expect(other.open(0, aad, ciphertext).toString()).toBe('plaintext');
  });
});

test('octets of HKDF beyond the length asked for are overwritten', () => {
  const kdf = new LabeledKdf(kdfById(1), Buffer.from('HPKE'));
  const part = kdf.labeledExpand(Buffer.alloc(32, 1), 'key', info, 16);
  const whole = Buffer.from(part.buffer, part.byteOffset, 32);
  expect(isZero(whole.subarray(0, 16))).toBe(false);
  expect(isZero(whole.subarray(16))).toBe(true);
  const schedule = keySchedule(suiteFor('P-256'), Buffer.alloc(32, 2), info);
  expect(schedule.key).toHaveLength(16);
});
