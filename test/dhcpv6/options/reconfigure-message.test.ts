// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { MessageType, ReconfigureMessageOption } from '../../../src/dhcpv6';
import { checkCodec, expectSame } from '../support/codec';
import { expectDecodeError } from '../support/errors';
import { octets } from '../support/octets';

describe('Reconfigure Message, RFC 8415 section 21.19', () => {
  test.each([
    ['05', MessageType.Renew],
    ['06', MessageType.Rebind],
    ['0b', MessageType.InformationRequest],
  ])('%s', (data, msgType) => {
    expect(ReconfigureMessageOption.code).toBe(19);
    expectSame(ReconfigureMessageOption, octets(data), msgType);
  });

  test('no other message', () => {
    for (let msgType = 0; msgType <= 255; msgType += 1) {
      if (msgType !== 5 && msgType !== 6 && msgType !== 11) {
        expectDecodeError(() => ReconfigureMessageOption.decode(Buffer.of(msgType)), 'invalid-value', 0);
      }
    }
  });

  test('neither shorter nor longer', () => {
    expectDecodeError(() => ReconfigureMessageOption.decode(octets('')), 'truncated', 0);
    expectDecodeError(() => ReconfigureMessageOption.decode(octets('05 00')), 'trailing-octets', 1);
  });

  test('properties', () => {
    checkCodec(ReconfigureMessageOption, fc.constantFrom<5 | 6 | 11>(5, 6, 11));
  });
});
