// SPDX-License-Identifier: MPL-2.0

/** The layout of an envelope, and the suites that a receiver takes (docs/protocol.md 4). */
import * as fc from 'fast-check';
import { AeadId, KdfId, kemById, KemId, kems } from '../../src/crypto';
import { ProtocolError, receivedSuite } from '../../src/protocol';
import {
  decodeEnvelope,
  encodeEnvelopeHeader,
  envelopeAad,
  type EnvelopeHeader,
} from '../../src/protocol/envelope';
import { codeOf } from '../crypto/support/raw-keys';
import { hex } from '../crypto/support/vectors';
import { thrownBy } from '../support/thrown-by';

const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));

const uint16 = fc.integer({ min: 0, max: 0xffff });
const anyHeader = fc.record({
  mode: fc.integer({ min: 0, max: 0xff }),
  kemId: uint16,
  kdfId: uint16,
  aeadId: uint16,
  recipientTag: octets(8),
  sequence: fc.integer({ min: 0, max: 0xffffffff }),
  contextIdentifier: octets(16),
  enc: fc.uint8Array({ maxLength: 1120 }).map((array) => Buffer.from(array)),
});
const anyCiphertext = fc.uint8Array({ minLength: 16, maxLength: 300 }).map((array) => Buffer.from(array));

const some: EnvelopeHeader = {
  mode: 0,
  kemId: KemId.X25519,
  kdfId: KdfId.HkdfSha256,
  aeadId: AeadId.Aes128Gcm,
  recipientTag: Buffer.alloc(8, 1),
  sequence: 2,
  contextIdentifier: Buffer.alloc(16, 3),
  enc: Buffer.alloc(32, 4),
};
const ciphertext = Buffer.alloc(16, 5);
const envelope = Buffer.concat([encodeEnvelopeHeader(some), ciphertext]);

function changed(at: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(envelope);
  Buffer.from(values).copy(copy, at);
  return copy;
}

/** What octets of whatever kind are refused for; undefined where they are an envelope. */
function refusalOf(data: Buffer): string | undefined {
  try {
    decodeEnvelope(data);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    const { code } = error as ProtocolError;
    expect(['envelope-version', 'envelope-malformed']).toContain(code);
    return code;
  }
}

describe('the layout of an envelope', () => {
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
      fc.property(anyHeader, anyCiphertext, (fields, sealed) => {
        const header = encodeEnvelopeHeader(fields);
        const decoded = decodeEnvelope(Buffer.concat([header, sealed]));
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

  test('the aad, with and without a Server Identifier', () => {
    const firstFour = hex('fb010203');
    expect(envelopeAad(firstFour, hex('00020001aa'), hex('01')).toString('hex')).toBe('fb01020300020001aa01');
    expect(envelopeAad(firstFour, undefined, hex('01')).toString('hex')).toBe('fb01020301');
  });
});

describe('what is no envelope', () => {
  test.each([0, 1, 3, 255])('version %i', (version) => {
    expect(refusalOf(changed(0, version))).toBe('envelope-version');
  });

  test('nothing', () => {
    expect(refusalOf(Buffer.alloc(0))).toBe('envelope-version');
  });

  test('enc that overruns, or leaves no room for the tag', () => {
    expect(refusalOf(changed(36, 0, 33))).toBe('envelope-malformed');
    expect(refusalOf(changed(36, 0xff, 0xff))).toBe('envelope-malformed');
    expect(refusalOf(envelope.subarray(0, -1))).toBe('envelope-malformed');
  });

  test('an enc of another length is decoded, and refused by its KEM', () => {
    const short = decodeEnvelope(changed(36, 0, 31));
    expect(short.enc).toHaveLength(31);
    const key = kemById(short.kemId).deriveKeyPair(Buffer.alloc(32));
    expect(codeOf(() => key.decap(short.enc))).toBe('deserialize-failed');
  });

  test.each<[string, Partial<EnvelopeHeader>]>([
    ['recipient tag', { recipientTag: Buffer.alloc(7) }],
    ['recipient tag', { recipientTag: Buffer.alloc(9) }],
    ['context identifier', { contextIdentifier: Buffer.alloc(15) }],
    ['context identifier', { contextIdentifier: Buffer.alloc(17) }],
    ['sequence number', { sequence: -1 }],
    ['sequence number', { sequence: 0x1_0000_0000 }],
    ['mode', { mode: 256 }],
    ['kem_id', { kemId: 65_536 }],
    ['enc', { enc: Buffer.alloc(65_536) }],
  ])('a %s that does not fit is not encoded', (_field, fields) => {
    expect(thrownBy(() => encodeEnvelopeHeader({ ...some, ...fields }))).toMatchObject({
      name: 'RangeError',
    });
  });

  test('every truncation is refused', () => {
    for (let length = 0; length < envelope.length; length += 1) {
      expect(refusalOf(envelope.subarray(0, length))).toBe(
        length === 0 ? 'envelope-version' : 'envelope-malformed',
      );
    }
  });

  test('any octets: an envelope whose parts are the octets again, or a refusal', () => {
    const anything = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    const likely = anything.map((tail) => Buffer.concat([envelope.subarray(0, 36), Buffer.of(0, 5), tail]));
    fc.assert(
      fc.property(fc.oneof(anything, likely), (data) => {
        if (refusalOf(data) === undefined) {
          const { header, ciphertext: sealed, ...fields } = decodeEnvelope(data);
          expect(encodeEnvelopeHeader(fields).equals(header)).toBe(true);
          expect(Buffer.concat([header, sealed]).equals(data)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the suite of an envelope', () => {
  const kdfOf = [
    ...kems.map(({ kemId, kdfId }) => ({ kemId, kdfId })),
    { kemId: KemId.Rsa, kdfId: KdfId.HkdfSha256 },
  ];
  const isTaken = (kemId: number, kdfId: number, aeadId: number, expected: number): boolean => {
    try {
      expect(receivedSuite({ kemId, kdfId, aeadId }, expected)).toEqual({ kemId, kdfId, aeadId });
      return true;
    } catch (error) {
      expect(error).toMatchObject({ name: 'ProtocolError', code: 'envelope-suite' });
      return false;
    }
  };

  test.each(kdfOf)("is of the key's KEM $kemId, with its KDF and each AEAD", ({ kemId, kdfId }) => {
    for (const aeadId of [0, 1, 2, 3, 4, 0xffff]) {
      expect(isTaken(kemId, kdfId, aeadId, kemId)).toBe(aeadId >= 1 && aeadId <= 3);
    }
    for (const other of [0, 1, 2, 3, 4, 0xffff]) {
      expect(isTaken(kemId, other, AeadId.Aes128Gcm, kemId)).toBe(other === kdfId);
    }
  });

  test.each(kdfOf)('to a key of KEM $kemId is of no other one', ({ kemId: expected }) => {
    for (const other of [0, 0x0012, 0x0021, 0x647b, 0xffff]) {
      expect(isTaken(other, KdfId.HkdfSha256, AeadId.Aes128Gcm, expected)).toBe(false);
    }
    for (const { kemId, kdfId } of kdfOf.filter((kem) => kem.kemId !== expected)) {
      expect(isTaken(kemId, kdfId, AeadId.Aes128Gcm, expected)).toBe(false);
    }
  });
});
