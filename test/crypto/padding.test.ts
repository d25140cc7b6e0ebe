// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import { padPlaintext, unpadPlaintext } from '../../src/crypto';
import { codeOf } from './support/raw-keys';
import { hex, vectors } from './support/vectors';

const { cases } = vectors('protocol/padding.json') as { cases: [number, number][] };

describe('docs/protocol.md 4, plaintext', () => {
  test('padding.json has 15 lengths', () => {
    expect(cases).toHaveLength(15);
  });

  test.each(cases)('an inner message of %d octets gives %d', (inner, plaintext) => {
    const octets = Buffer.alloc(inner, 0xa5);
    const padded = padPlaintext(octets);
    expect(padded).toHaveLength(plaintext);
    expect(padded.readUInt16BE(0)).toBe(inner);
    expect(unpadPlaintext(padded).equals(octets)).toBe(true);
  });

  test('unpad after pad is the identity, with any amount of padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat({ max: 1000 }), (octets, more) => {
        const padded = Buffer.concat([padPlaintext(Buffer.from(octets)), Buffer.alloc(more)]);
        expect(unpadPlaintext(padded).equals(Buffer.from(octets))).toBe(true);
      }),
    );
  });

  test('no padding at all is accepted, and an empty inner message', () => {
    expect(unpadPlaintext(hex('000401abcdef')).toString('hex')).toBe('01abcdef');
    expect(unpadPlaintext(hex('0000'))).toHaveLength(0);
  });

  test('65535 octets fit, one more does not', () => {
    expect(padPlaintext(Buffer.alloc(65535))).toHaveLength(65664);
    expect(codeOf(() => padPlaintext(Buffer.alloc(65536)))).toBe('plaintext-too-long');
  });

  test.each([
    ['nothing', ''],
    ['half a length', '00'],
    ['a length that overruns', '000501abcdef'],
    ['a length that overruns by far', 'ffff01abcdef'],
    ['padding that is not zero', '000401abcdef0001'],
  ])('%s is refused', (_what, octets) => {
    expect(codeOf(() => unpadPlaintext(hex(octets)))).toBe('plaintext-malformed');
  });
});
