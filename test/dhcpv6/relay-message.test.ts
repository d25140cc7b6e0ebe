// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { decodeRelay, encodeRelay, isRelay, MessageType, OptionCode, parseIpv6 } from '../../src/dhcpv6';
import { buffer, relay } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { isViewInto, octets } from './support/octets';

const header = `
  0c                                               // msg-type: Relay-forward
  01                                               // hop-count
  20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01  // link-address
  fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02  // peer-address
`;
const relayMessage = `
  00 09  00 04  0b 00 00 01                        // Relay Message: an Information-request
`;

describe('relay agent/server messages, RFC 8415 section 9', () => {
  const forward = octets(`
    ${header}
    00 12  00 02  65 31                            // Interface-Id
    ${relayMessage}
    00 25  00 05  00 00 00 09 01                   // Remote-Id
  `);
  const value = {
    msgType: MessageType.RelayForward,
    hopCount: 1,
    linkAddress: parseIpv6('2001:db8::1'),
    peerAddress: parseIpv6('fe80::2'),
    options: [
      { code: OptionCode.InterfaceId, data: octets('65 31') },
      { code: OptionCode.RelayMessage, data: octets('0b 00 00 01') },
      { code: 37, data: octets('00 00 00 09 01') },
    ],
  };

  test('are decoded whole, with the Relay Message option in its place', () => {
    const decoded = decodeRelay(forward);
    expect(decoded).toEqual(value);
    expect(encodeRelay(decoded)).toEqual(forward);
    const views = [decoded.linkAddress, decoded.peerAddress, ...decoded.options.map(({ data }) => data)];
    expect(views.every((view) => isViewInto(view, forward))).toBe(true);
  });

  test('are known by their first octet', () => {
    expect(isRelay(octets('0c'))).toBe(true);
    expect(isRelay(octets('0d'))).toBe(true);
    expect(isRelay(octets('01'))).toBe(false);
    expect(isRelay(octets(''))).toBe(false);
  });

  test('are refused when cut, of another type, or without exactly one Relay Message option', () => {
    expectDecodeError(() => decodeRelay(octets('')), 'truncated', 0);
    expectDecodeError(() => decodeRelay(forward.subarray(0, 33)), 'truncated', 33);
    expectDecodeError(() => decodeRelay(forward.subarray(0, forward.length - 1)), 'truncated', 48);
    expectDecodeError(
      () => decodeRelay(Buffer.concat([Buffer.of(1), forward.subarray(1)])),
      'unexpected-message-type',
      0,
    );
    expectDecodeError(() => decodeRelay(octets(header)), 'missing-option', 34);
    expectDecodeError(() => decodeRelay(octets(header + relayMessage + relayMessage)), 'repeated-option', 42);
  });

  test('offsets count from the first octet also where that is not the first of its memory', () => {
    const within = Buffer.concat([octets('ff ff ff'), octets(header + relayMessage + relayMessage)]).subarray(
      3,
    );
    expectDecodeError(() => decodeRelay(within), 'repeated-option', 42);
  });

  test('encoding names what it refuses', () => {
    expectEncodeError(() => encodeRelay({ ...value, hopCount: 256 }), 'out-of-range', 'hopCount');
    expectEncodeError(
      () => encodeRelay({ ...value, linkAddress: Buffer.alloc(4) }),
      'wrong-length',
      'linkAddress',
    );
    expectEncodeError(
      () => encodeRelay({ ...value, peerAddress: Buffer.alloc(17) }),
      'wrong-length',
      'peerAddress',
    );
    expectEncodeError(() => encodeRelay({ ...value, options: [] }), 'missing-option', 'options');
    expectEncodeError(
      () => encodeRelay({ ...value, options: [...value.options, ...value.options] }),
      'repeated-option',
      'options',
    );
  });

  test('property: any octets after a relay header are a relay message that encodes to the same, or a DecodeError', () => {
    fc.assert(
      fc.property(buffer(0, 120), (any) => {
        const whole = Buffer.concat([octets(header), any]);
        const result = valueOrDecodeError(() => decodeRelay(whole));
        if ('value' in result) {
          expect(encodeRelay(result.value)).toEqual(whole);
        } else {
          expect(result.error.offset).toBeLessThanOrEqual(whole.length);
        }
        valueOrDecodeError(() => decodeRelay(any));
      }),
    );
  });

  test('property: relay messages survive encode and decode; every truncation is a DecodeError or a value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<12 | 13>(12, 13).chain((type) => relay(type, buffer(0, 40))),
        (any) => {
          const encoded = encodeRelay(any);
          expect(decodeRelay(encoded)).toEqual(any);
          for (let length = 0; length < encoded.length; length += 1) {
            valueOrDecodeError(() => decodeRelay(encoded.subarray(0, length)));
          }
        },
      ),
    );
  });
});
