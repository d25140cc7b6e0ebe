// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import {
  CryptoError,
  encodeEnvelopeHeader,
  type EnvelopeHeader,
  envelopeAad,
  parseEnvelope,
} from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex } from './support/vectors';

const header: EnvelopeHeader = {
  mode: 1,
  suite: { kemId: 0x0010, kdfId: 0x0001, aeadId: 0x0003 },
  recipientTag: hex('a0a1a2a3a4a5a6a7'),
  sequence: 0xfedcba98,
  enc: hex('e0e1e2'),
};

const octets = Buffer.concat([
  hex('01'), // version
  hex('01'), // HPKE mode: psk
  hex('0010'), // kem_id: DHKEM(P-256)
  hex('0001'), // kdf_id: HKDF-SHA256
  hex('0003'), // aead_id: ChaCha20-Poly1305
  hex('a0a1a2a3a4a5a6a7'), // recipient tag
  hex('fedcba98'), // sequence number
  hex('0003'), // length of enc
  hex('e0e1e2'), // enc
]);

const tag = Buffer.alloc(16, 0xcc);

describe('docs/protocol.md 4, envelope', () => {
  test('encodes field by field', () => {
    expect(encodeEnvelopeHeader(header).toString('hex')).toBe(octets.toString('hex'));
  });

  test('parses field by field, as views', () => {
    const data = Buffer.concat([octets, hex('c0'), tag]);
    const envelope = parseEnvelope(data);
    expect(envelope).toEqual({
      version: 1,
      mode: 1,
      kemId: 0x0010,
      kdfId: 0x0001,
      aeadId: 0x0003,
      recipientTag: header.recipientTag,
      sequence: 0xfedcba98,
      enc: header.enc,
      header: octets,
      ciphertext: Buffer.concat([hex('c0'), tag]),
    });
    expect(envelope.ciphertext.buffer).toBe(data.buffer);
  });

  test('every shorter one is refused, and the shortest whole one is not', () => {
    const whole = Buffer.concat([octets, tag]);
    for (let length = 0; length < whole.length; length += 1) {
      const expected = length === 0 ? 'envelope-version' : 'envelope-malformed';
      expect(codeOf(() => parseEnvelope(whole.subarray(0, length)))).toBe(expected);
    }
    expect(parseEnvelope(whole).ciphertext).toEqual(tag);
  });

  test.each([0, 2, 255])('version %d is refused', (version) => {
    const data = Buffer.concat([octets, tag]);
    data.writeUInt8(version, 0);
    expect(codeOf(() => parseEnvelope(data))).toBe('envelope-version');
  });

  test('an empty enc is refused', () => {
    const data = Buffer.concat([octets, tag]);
    data.writeUInt16BE(0, 20);
    expect(codeOf(() => parseEnvelope(data))).toBe('envelope-malformed');
  });

  test.each<[string, Partial<EnvelopeHeader>]>([
    ['a short recipient tag', { recipientTag: Buffer.alloc(7) }],
    ['a long recipient tag', { recipientTag: Buffer.alloc(9) }],
    ['an empty enc', { enc: Buffer.alloc(0) }],
    ['an enc beyond 16 bits', { enc: Buffer.alloc(65536) }],
    ['a sequence number beyond 32 bits', { sequence: 0x100000000 }],
    ['a negative sequence number', { sequence: -1 }],
    ['half a sequence number', { sequence: 0.5 }],
    ['a mode beyond 8 bits', { mode: 256 }],
    ['a kem_id beyond 16 bits', { suite: { kemId: 65536, kdfId: 1, aeadId: 1 } }],
  ])('%s does not go into a header', (_what, part) => {
    expect(codeOf(() => encodeEnvelopeHeader({ ...header, ...part }))).toBe('envelope-malformed');
  });

  test('any octets: an envelope whose parts are the octets again, or a CryptoError', () => {
    const anything = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
    const likely = anything.map((tail) => Buffer.concat([octets.subarray(0, 20), Buffer.of(0, 5), tail]));
    fc.assert(
      fc.property(fc.oneof(anything, likely), (data) => {
        let envelope;
        try {
          envelope = parseEnvelope(data);
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoError);
          return;
        }
        const { kemId, kdfId, aeadId, ...rest } = envelope;
        const again = encodeEnvelopeHeader({ ...rest, suite: { kemId, kdfId, aeadId } });
        expect(again.equals(envelope.header)).toBe(true);
        expect(Buffer.concat([again, envelope.ciphertext]).equals(data)).toBe(true);
      }),
    );
  });

  test('aad with and without a Server Identifier', () => {
    const firstFour = hex('fb010203');
    expect(envelopeAad(firstFour, hex('00020001aa'), hex('01')).toString('hex')).toBe('fb01020300020001aa01');
    expect(envelopeAad(firstFour, undefined, hex('01')).toString('hex')).toBe('fb01020301');
    expect(codeOf(() => envelopeAad(hex('fb0102'), undefined, hex('01')))).toBe('aad-malformed');
  });
});
