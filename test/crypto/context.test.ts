// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import {
  AeadId,
  KdfId,
  KemId,
  setupBaseR,
  setupBaseS,
  setupPskR,
  setupPskS,
  suiteFor,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, namedKey } from './support/vectors';

const info = Buffer.from('info');
const aad = Buffer.from('aad');
const plaintext = Buffer.from('plaintext');
const psk = Buffer.alloc(32, 7);
const pskId = Buffer.from('psk id');
const names = ['server-P-256', 'server-P-384', 'server-RSA-2048', 'client-RSA-3072'];
const everything = names.flatMap((name) => Object.values(AeadId).map((aeadId) => ({ name, aeadId })));

describe.each(everything)('RFC 9180 section 5, to $name with AEAD $aeadId', ({ name, aeadId }) => {
  const skR = namedKey(name);
  const suite = { ...suiteFor(skR.public.keyType), aeadId };

  test('what one end seals the other opens, in any order and more than once', () => {
    const { enc, context } = setupBaseS(suite, skR.public, info);
    const sealed = [0, 1, 2].map((index) => context.seal(aad, Buffer.of(index)));
    const recipient = setupBaseR(suite, enc, skR, info);
    for (const sequence of [2, 0, 1, 2]) {
      expect(recipient.open(sequence, aad, sealed[sequence]!)).toEqual(Buffer.of(sequence));
    }
    expect(context.nextSequence).toBe(3);
  });

  test('nothing but the same inputs opens it', () => {
    const { enc, context } = setupPskS(suite, skR.public, info, psk, pskId);
    const sealed = context.seal(aad, plaintext);
    const right = setupPskR(suite, enc, skR, info, psk, pskId);
    expect(right.open(0, aad, sealed)).toEqual(plaintext);
    expect(codeOf(() => right.open(1, aad, sealed))).toBe('open-failed');
    expect(codeOf(() => right.open(0, Buffer.from('AAD'), sealed))).toBe('open-failed');
    const wrong = [
      setupBaseR(suite, enc, skR, info),
      setupPskR(suite, enc, skR, Buffer.from('other'), psk, pskId),
      setupPskR(suite, enc, skR, info, Buffer.alloc(32, 8), pskId),
      setupPskR(suite, enc, skR, info, psk, Buffer.from('other')),
      setupPskR({ ...suite, aeadId: (aeadId % 3) + 1 }, enc, skR, info, psk, pskId),
    ];
    for (const context of wrong) {
      expect(codeOf(() => context.open(0, aad, sealed))).toBe('open-failed');
    }
  });

  test('two contexts have different encs and keys', () => {
    const [one, two] = [setupBaseS(suite, skR.public, info), setupBaseS(suite, skR.public, info)];
    expect(one.enc.equals(two.enc)).toBe(false);
    expect(one.context.seal(aad, plaintext).equals(two.context.seal(aad, plaintext))).toBe(false);
  });
});

describe('ContextR.Open', () => {
  const skR = namedKey('server-P-256');
  const suite = suiteFor('P-256');
  const { enc, context } = setupBaseS(suite, skR.public, info);
  const sealed = context.seal(aad, plaintext);
  const recipient = setupBaseR(suite, enc, skR, info);

  test('any other octets are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        expect(codeOf(() => recipient.open(0, aad, Buffer.from(octets)))).toBe('open-failed');
      }),
    );
  });

  test('one bit changed is refused', () => {
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(codeOf(() => recipient.open(0, aad, changed))).toBe('open-failed');
    }
  });

  test.each([-1, 0xffffffff, 0x100000000, 0.5, Number.NaN])('%d is no sequence number', (sequence) => {
    expect(codeOf(() => recipient.open(sequence, aad, sealed))).toBe('sequence-invalid');
  });

  test('an empty plaintext and an empty aad', () => {
    const own = setupBaseS(suite, skR.public, info);
    const empty = own.context.seal(Buffer.alloc(0), Buffer.alloc(0));
    expect(empty).toHaveLength(16);
    const opened = setupBaseR(suite, own.enc, skR, info).open(0, Buffer.alloc(0), empty);
    expect(opened).toHaveLength(0);
  });
});

describe('what does not fit is refused', () => {
  const skR = namedKey('server-P-256');
  const suite = suiteFor('P-256');
  const { enc } = setupBaseS(suite, skR.public, info);

  test.each([
    ['the KEM of another key', { kemId: KemId.P384 }],
    ['the RSA KEM', { kemId: KemId.Rsa }],
    ['X25519', { kemId: 0x0020 }],
    ['no KDF', { kdfId: 0 }],
    ['an unknown KDF', { kdfId: 4 }],
    ['no AEAD', { aeadId: 0 }],
    ['an unknown AEAD', { aeadId: 4 }],
    ['export only', { aeadId: 0xffff }],
  ])('%s', (_what, other) => {
    const refused = 'algorithm-not-supported';
    expect(codeOf(() => setupBaseS({ ...suite, ...other }, skR.public, info))).toBe(refused);
    expect(codeOf(() => setupBaseR({ ...suite, ...other }, enc, skR, info))).toBe(refused);
  });

  test('an EC KEM with an RSA key', () => {
    const rsa = namedKey('server-RSA-2048');
    expect(codeOf(() => setupBaseS(suite, rsa.public, info))).toBe('algorithm-not-supported');
    expect(codeOf(() => setupBaseR(suite, enc, rsa, info))).toBe('algorithm-not-supported');
  });

  test('RFC 9180 section 5.1: no psk_id, no psk, a psk with less than 32 octets', () => {
    for (const [key, id] of [
      [psk, Buffer.alloc(0)],
      [Buffer.alloc(0), pskId],
      [Buffer.alloc(31), pskId],
    ] as const) {
      expect(codeOf(() => setupPskS(suite, skR.public, info, key, id))).toBe('psk-inputs-invalid');
      expect(codeOf(() => setupPskR(suite, enc, skR, info, key, id))).toBe('psk-inputs-invalid');
    }
  });

  test('the ephemeral input of another KEM, or of another size', () => {
    const rsa = namedKey('server-RSA-2048').public;
    const rsaSuite = suiteFor('RSA');
    const secret = { s: Buffer.alloc(32), enc: Buffer.alloc(256) };
    expect(codeOf(() => setupBaseS(suite, skR.public, info, secret))).toBe('ephemeral-input-invalid');
    for (const ephemeral of [{ ikmE: psk }, { ...secret, s: psk.subarray(1) }, { ...secret, enc: psk }]) {
      expect(codeOf(() => setupBaseS(rsaSuite, rsa, info, ephemeral))).toBe('ephemeral-input-invalid');
    }
  });
});

describe('RFC 9180 section 5.3, Context.Export', () => {
  const skR = namedKey('server-P-256');
  const suites = [KdfId.HkdfSha256, KdfId.HkdfSha384, KdfId.HkdfSha512].map((kdfId, index) => ({
    suite: { ...suiteFor('P-256'), kdfId },
    Nh: [32, 48, 64][index]!,
  }));

  test.each(suites)('up to 255 blocks of $Nh octets', ({ suite, Nh }) => {
    const { enc, context } = setupBaseS(suite, skR.public, info);
    const recipient = setupBaseR(suite, enc, skR, info);
    for (const length of [0, 1, Nh - 1, Nh, Nh + 1, 255 * Nh]) {
      const exported = context.export(aad, length);
      expect(exported).toHaveLength(length);
      expect(recipient.export(aad, length).equals(exported)).toBe(true);
    }
    for (const length of [255 * Nh + 1, -1, 1.5]) {
      expect(codeOf(() => context.export(aad, length))).toBe('export-length-invalid');
    }
    expect(context.export(aad, 32).equals(context.export(info, 32))).toBe(false);
  });
});

describe('a context of 2^32 - 1 messages (docs/protocol.md 4.1)', () => {
  test('is spent with its last, at both ends; no other follows, and no nonce comes twice', () => {
    const skR = namedKey('server-P-256');
    const suite = suiteFor('P-256');
    const { enc, context } = setupBaseS(suite, skR.public, info);
    // Four thousand million messages would take hours.
    Object.assign(context, { sequence: 2 ** 32 - 3 });
    const recipient = setupBaseR(suite, enc, skR, info);
    for (const [sequence, isSpent] of [
      [2 ** 32 - 3, false],
      [2 ** 32 - 2, true],
    ] as const) {
      expect(context.nextSequence).toBe(sequence);
      const sealed = context.seal(aad, plaintext);
      expect(codeOf(() => recipient.open(sequence, info, sealed))).toBe('open-failed');
      expect(recipient.isSpent).toBe(false);
      expect(recipient.open(sequence, aad, sealed)).toEqual(plaintext);
      expect([context.isSpent, recipient.isSpent]).toEqual([isSpent, isSpent]);
    }
    expect(codeOf(() => context.seal(aad, plaintext))).toBe('message-limit-reached');
    expect(codeOf(() => context.seal(aad, plaintext))).toBe('message-limit-reached');
  });
});

describe('an enc that is none', () => {
  const p256 = namedKey('server-P-256');
  const p384 = namedKey('server-P-384');
  const good256 = setupBaseS(suiteFor('P-256'), p256.public, info).enc;
  const good384 = setupBaseS(suiteFor('P-384'), p384.public, info).enc;
  const p256Prime = 'ffffffff00000001000000000000000000000000ffffffffffffffffffffffff';
  const p384Prime =
    'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff';

  function malformed(good: Buffer, prime: string): [string, Buffer][] {
    const half = (good.length - 1) / 2;
    const offCurve = Buffer.from(good);
    offCurve.writeUInt8(offCurve.readUInt8(good.length - 1) ^ 1, good.length - 1);
    const head = (octet: number, length = good.length) =>
      Buffer.concat([Buffer.of(octet), good.subarray(1, length)]);
    // x = p stands for 0: the square root of b is there on both curves, but p is no field element.
    const zero = Buffer.alloc(half);
    return [
      ['nothing', Buffer.alloc(0)],
      ['the point at infinity', Buffer.of(0)],
      ['all zero', Buffer.alloc(good.length)],
      ['04 and zeros', Buffer.concat([Buffer.of(4), zero, zero])],
      ['not on the curve', offCurve],
      ['compressed', head((good.readUInt8(good.length - 1) & 1) + 2, half + 1)],
      ['hybrid', head((good.readUInt8(good.length - 1) & 1) + 6)],
      ['one octet short', good.subarray(0, -1)],
      ['one octet long', Buffer.concat([good, Buffer.of(0)])],
      ['x not reduced', Buffer.concat([Buffer.of(4), hex(prime), good.subarray(half + 1)])],
      ['y not reduced', Buffer.concat([good.subarray(0, half + 1), hex(prime)])],
      ['all ones', Buffer.concat([Buffer.of(4), Buffer.alloc(2 * half, 0xff)])],
    ];
  }

  test.each(malformed(good256, p256Prime))('RFC 9180 section 7.1.4, P-256: %s', (_what, enc) => {
    expect(codeOf(() => setupBaseR(suiteFor('P-256'), enc, p256, info))).toBe('deserialize-failed');
  });

  test.each(malformed(good384, p384Prime))('RFC 9180 section 7.1.4, P-384: %s', (_what, enc) => {
    expect(codeOf(() => setupBaseR(suiteFor('P-384'), enc, p384, info))).toBe('deserialize-failed');
  });

  test.each([
    ['nothing', Buffer.alloc(0), 'deserialize-failed'],
    ['one octet short', Buffer.alloc(255, 1), 'deserialize-failed'],
    ['one octet long', Buffer.alloc(257), 'deserialize-failed'],
    ['zero', Buffer.alloc(256), 'decap-failed'],
    ['one', Buffer.concat([Buffer.alloc(255), Buffer.of(1)]), 'decap-failed'],
    ['beyond the modulus', Buffer.alloc(256, 0xff), 'decap-failed'],
  ])('docs/protocol.md 9, RSA: %s', (_what, enc, code) => {
    expect(codeOf(() => setupBaseR(suiteFor('RSA'), enc, namedKey('server-RSA-2048'), info))).toBe(code);
  });
});
