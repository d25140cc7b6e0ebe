// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, MessageType, OptionCode } from '../../src/dhcpv6';
import { buffer, message } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { isViewInto, octets } from './support/octets';

describe('client/server messages, RFC 8415 section 8', () => {
  const solicit = octets(`
    01                               // msg-type: Solicit
    a1 b2 c3                         // transaction-id
    00 01  00 0a                     // Client Identifier
      00 03 00 01 02 00 5e 10 00 01
    00 08  00 02  00 00              // Elapsed Time
    fd e8  00 02  be ef              // nobody's
  `);

  test('are decoded whole and encode to the same octets', () => {
    const decoded = decodeMessage(solicit);
    expect(decoded).toEqual({
      msgType: MessageType.Solicit,
      transactionId: 0xa1b2c3,
      options: [
        { code: OptionCode.ClientIdentifier, data: octets('00 03 00 01 02 00 5e 10 00 01') },
        { code: OptionCode.ElapsedTime, data: octets('00 00') },
        { code: 65000, data: octets('be ef') },
      ],
    });
    expect(encodeMessage(decoded)).toEqual(solicit);
    expect(decoded.options.every(({ data }) => isViewInto(data, solicit))).toBe(true);
  });

  test('of every type but the relay messages, options or none', () => {
    for (let msgType = 0; msgType <= 255; msgType += 1) {
      const octetsOfType = Buffer.from([msgType, 0xff, 0xff, 0xff]);
      if (msgType === 12 || msgType === 13) {
        expectDecodeError(() => decodeMessage(octetsOfType), 'unexpected-message-type', 0);
      } else {
        expect(decodeMessage(octetsOfType)).toEqual({ msgType, transactionId: 0xffffff, options: [] });
      }
    }
  });

  test.each([
    ['nothing', octets(''), 0],
    ['three octets', octets('01 a1 b2'), 3],
    ['an octet after the header', octets('01 a1 b2 c3 00'), 4],
    ['an octet after the last option', octets('01 a1 b2 c3  00 0e 00 00  00'), 8],
  ])('%s: truncated', (_, cut, offset) => {
    expectDecodeError(() => decodeMessage(cut), 'truncated', offset);
  });

  test('encoding names what it refuses', () => {
    const fine = { msgType: 1, transactionId: 0, options: [] };
    expectEncodeError(() => encodeMessage({ ...fine, msgType: 256 }), 'out-of-range', 'msgType');
    expectEncodeError(() => encodeMessage({ ...fine, msgType: -1 }), 'out-of-range', 'msgType');
    expectEncodeError(() => encodeMessage({ ...fine, msgType: 12 }), 'wrong-message-type', 'msgType');
    expectEncodeError(() => encodeMessage({ ...fine, msgType: 13 }), 'wrong-message-type', 'msgType');
    expectEncodeError(
      () => encodeMessage({ ...fine, transactionId: 0x1000000 }),
      'out-of-range',
      'transactionId',
    );
    expectEncodeError(
      () => encodeMessage({ ...fine, options: [{ code: 1, data: Buffer.alloc(65536) }] }),
      'too-long',
      'options[0].data',
    );
  });

  test.each(['solicit-cert.bin', 'solicit-pubkey.bin'])('WIDE dhcp6c: %s', (name) => {
    const captured = readFileSync(path.join(__dirname, '../vectors/wide-dhcpv6', name));
    const decoded = decodeMessage(captured);
    expect(decoded.msgType).toBe(MessageType.Solicit);
    const credential = name === 'solicit-cert.bin' ? 702 : 701;
    expect(decoded.options.map(({ code }) => code)).toEqual([1, 3, 8, 6, credential, 703, 704]);
    expect(encodeMessage(decoded)).toEqual(captured);
  });

  test('property: any octets are a message that encodes to the same octets, or a DecodeError', () => {
    fc.assert(
      fc.property(buffer(0, 200), (any) => {
        const result = valueOrDecodeError(() => decodeMessage(any));
        if ('value' in result) {
          expect(encodeMessage(result.value)).toEqual(any);
        } else {
          expect(result.error.offset).toBeLessThanOrEqual(any.length);
        }
      }),
    );
  });

  test('property: messages survive encode and decode; every truncation is a message or truncated', () => {
    fc.assert(
      fc.property(message, (any) => {
        const encoded = encodeMessage(any);
        expect(decodeMessage(encoded)).toEqual(any);
        for (let length = 0; length < encoded.length; length += 1) {
          const result = valueOrDecodeError(() => decodeMessage(encoded.subarray(0, length)));
          if ('error' in result) {
            expect(result.error.code).toBe('truncated');
          } else {
            expect(result.value.options).toEqual(any.options.slice(0, result.value.options.length));
          }
        }
      }),
    );
  });
});
