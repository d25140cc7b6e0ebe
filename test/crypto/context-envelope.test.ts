// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import {
  AeadId,
  decodeEnvelope,
  encodeEnvelope,
  type EnvelopeFields,
  envelopeHeader,
  KdfId,
  KemId,
  kemById,
  kems,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';

const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const suites = [
  ...kems.map(({ kemId, kdfId, Nenc }) => ({ kemId, kdfId, Nenc })),
  { kemId: KemId.Rsa, kdfId: KdfId.HkdfSha256, Nenc: 256 },
];

const fieldsOfAny = fc
  .record({ kem: fc.constantFrom(...suites), withEnc: fc.boolean() })
  .chain(({ kem: { kemId, kdfId, Nenc }, withEnc }) =>
    fc.record({
      mode: fc.constantFrom(0, 1),
      suite: fc.record({
        kemId: fc.constant(kemId),
        kdfId: fc.constant(kdfId),
        aeadId: fc.constantFrom(...Object.values(AeadId)),
      }),
      recipientTag: octets(8),
      sequence: fc.integer({ min: 0, max: 0xffffffff }),
      contextIdentifier: octets(16),
      enc: octets(withEnc ? Nenc : 0),
    }),
  );

const ciphertextOfAny = fc.uint8Array({ minLength: 16, maxLength: 300 }).map((array) => Buffer.from(array));

const some: EnvelopeFields = {
  mode: 0,
  suite: { kemId: KemId.DhkemX25519, kdfId: KdfId.HkdfSha256, aeadId: AeadId.Aes128Gcm },
  recipientTag: Buffer.alloc(8, 1),
  sequence: 2,
  contextIdentifier: Buffer.alloc(16, 3),
  enc: Buffer.alloc(32, 4),
};
const ciphertext = Buffer.alloc(16, 5);
const envelope = encodeEnvelope(envelopeHeader(some), ciphertext);

function changed(at: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(envelope);
  Buffer.from(values).copy(copy, at);
  return copy;
}

/** What this room may throw for octets of whatever kind. */
function refusalOf(data: Buffer): string {
  const code = codeOf(() => decodeEnvelope(data));
  const known = ['envelope-version', 'envelope-mode', 'envelope-malformed', 'algorithm-not-supported'];
  expect([...known, 'nothing thrown']).toContain(code);
  return code;
}

describe('docs/protocol.md 4: the layout of an envelope', () => {
  test('octet by octet', () => {
    const parts = [
      '02',
      '00',
      '002000010001',
      '01'.repeat(8),
      '00000002',
      '03'.repeat(16),
      '0020',
      '04'.repeat(32),
      '05'.repeat(16),
    ];
    expect(envelope.toString('hex')).toBe(parts.join(''));
  });

  test('what is encoded is decoded as it was', () => {
    fc.assert(
      fc.property(fieldsOfAny, ciphertextOfAny, (fields, sealed) => {
        const header = envelopeHeader(fields);
        const decoded = decodeEnvelope(encodeEnvelope(header, sealed));
        expect(decoded).toEqual({ ...fields, header, ciphertext: sealed });
      }),
    );
  });

  test('the decoded fields are views', () => {
    const data = Buffer.from(envelope);
    const decoded = decodeEnvelope(data);
    data.fill(0xaa);
    expect(decoded.contextIdentifier).toEqual(Buffer.alloc(16, 0xaa));
  });
});

describe('what is no envelope', () => {
  test.each([0, 1, 3, 255])('version %i', (version) => {
    expect(refusalOf(changed(0, version))).toBe('envelope-version');
  });

  test('nothing', () => {
    expect(refusalOf(Buffer.alloc(0))).toBe('envelope-version');
  });

  test.each([2, 3, 255])('mode %i', (mode) => {
    expect(refusalOf(changed(1, mode))).toBe('envelope-mode');
    expect(codeOf(() => envelopeHeader({ ...some, mode }))).toBe('envelope-mode');
  });

  test.each([0x0000, 0x0012, 0x0021, 0x647b, 0xffff])('kem_id %i', (kemId) => {
    expect(refusalOf(changed(2, kemId >> 8, kemId & 0xff))).toBe('algorithm-not-supported');
    const suite = { ...some.suite, kemId };
    expect(codeOf(() => envelopeHeader({ ...some, suite }))).toBe('algorithm-not-supported');
  });

  test.each(suites)('a kdf_id that is not that of KEM $kemId', ({ kemId, kdfId }) => {
    for (const other of [0, 1, 2, 3, 4, 0xffff]) {
      const data = changed(2, kemId >> 8, kemId & 0xff, other >> 8, other & 0xff);
      expect(refusalOf(data)).toBe(other === kdfId ? 'nothing thrown' : 'algorithm-not-supported');
    }
  });

  test.each([0, 4, 0xffff])('aead_id %i', (aeadId) => {
    expect(refusalOf(changed(6, aeadId >> 8, aeadId & 0xff))).toBe('algorithm-not-supported');
    const suite = { ...some.suite, aeadId };
    expect(codeOf(() => envelopeHeader({ ...some, suite }))).toBe('algorithm-not-supported');
  });

  test('enc that overruns, or leaves no room for the tag', () => {
    expect(refusalOf(changed(36, 0, 33))).toBe('envelope-malformed');
    expect(refusalOf(changed(36, 0xff, 0xff))).toBe('envelope-malformed');
    expect(refusalOf(envelope.subarray(0, -1))).toBe('envelope-malformed');
    expect(codeOf(() => encodeEnvelope(envelopeHeader(some), Buffer.alloc(15)))).toBe('envelope-malformed');
  });

  test('an enc of another length is decoded, and refused by its KEM', () => {
    const short = decodeEnvelope(changed(36, 0, 31));
    expect(short.enc).toHaveLength(31);
    const key = kemById(short.suite.kemId).deriveKeyPair(Buffer.alloc(32));
    expect(codeOf(() => key.decap(short.enc))).toBe('deserialize-failed');
  });

  test.each([
    ['recipient tag', { recipientTag: Buffer.alloc(7) }],
    ['recipient tag', { recipientTag: Buffer.alloc(9) }],
    ['context identifier', { contextIdentifier: Buffer.alloc(15) }],
    ['context identifier', { contextIdentifier: Buffer.alloc(17) }],
    ['sequence number', { sequence: -1 }],
    ['sequence number', { sequence: 0x100000000 }],
    ['sequence number', { sequence: 0.5 }],
    ['enc', { enc: Buffer.alloc(1) }],
    ['enc', { enc: Buffer.alloc(31) }],
    ['enc', { enc: Buffer.alloc(33) }],
  ])('a %s that does not fit is not encoded', (_field, fields) => {
    expect(codeOf(() => envelopeHeader({ ...some, ...fields }))).toBe('envelope-malformed');
  });

  test('every truncation is refused', () => {
    fc.assert(
      fc.property(fieldsOfAny, (fields) => {
        const whole = encodeEnvelope(envelopeHeader(fields), ciphertext);
        for (let length = 0; length < whole.length; length += 1) {
          expect(refusalOf(whole.subarray(0, length))).not.toBe('nothing thrown');
        }
      }),
      { numRuns: 15 },
    );
  });

  test('every octet changed is refused by name, or is another value of a field', () => {
    fc.assert(
      fc.property(fieldsOfAny, fc.integer({ min: 1, max: 255 }), (fields, change) => {
        const whole = encodeEnvelope(envelopeHeader(fields), ciphertext);
        for (let at = 0; at < whole.length; at += 1) {
          const copy = Buffer.from(whole);
          copy[at]! ^= change;
          const code = refusalOf(copy);
          if (at === 0) {
            expect(code).toBe('envelope-version');
          } else if (at >= 8 && at !== 36 && at !== 37) {
            expect(code).toBe('nothing thrown');
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test('any octets at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        refusalOf(Buffer.from(data));
        refusalOf(Buffer.concat([Buffer.of(2), Buffer.from(data)]));
      }),
      { numRuns: 500 },
    );
  });
});
