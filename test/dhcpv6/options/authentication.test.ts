// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { AuthenticationOption } from '../../../src/dhcpv6';
import { buffer, uint8 } from '../support/arbitraries';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError, expectEncodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Authentication, RFC 8415 section 21.11', () => {
  const data = octets(`
    03                       // protocol: reconfigure key
    01                       // algorithm: HMAC-MD5
    00                       // RDM: monotonically increasing
    00 00 00 00 00 00 00 05  // replay detection
    01 aa bb                 // authentication information
  `);
  const value = {
    protocol: 3,
    algorithm: 1,
    rdm: 0,
    replayDetection: octets('00 00 00 00 00 00 00 05'),
    authenticationInformation: octets('01 aa bb'),
  };

  test('fields, and the rest as it is', () => {
    expect(AuthenticationOption.code).toBe(11);
    expectSame(AuthenticationOption, data, value);
    expectSame(AuthenticationOption, data.subarray(0, 11), {
      ...value,
      authenticationInformation: octets(''),
    });
  });

  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [10, 3],
  ])('cut after %i octets', (length, offset) => {
    expectDecodeError(() => AuthenticationOption.decode(data.subarray(0, length)), 'truncated', offset);
  });

  test('encoding names what it refuses', () => {
    const refuses = (change: object) => () => AuthenticationOption.encode({ ...value, ...change });
    expectEncodeError(refuses({ protocol: 256 }), 'out-of-range', 'protocol');
    expectEncodeError(refuses({ algorithm: -1 }), 'out-of-range', 'algorithm');
    expectEncodeError(refuses({ rdm: 256 }), 'out-of-range', 'rdm');
    expectEncodeError(refuses({ replayDetection: Buffer.alloc(4) }), 'wrong-length', 'replayDetection');
  });

  test('properties', () => {
    checkCodec(
      AuthenticationOption,
      fc.record({
        protocol: uint8,
        algorithm: uint8,
        rdm: uint8,
        replayDetection: buffer(8, 8),
        authenticationInformation: buffer(0, 30),
      }),
    );
  });
});
