// SPDX-License-Identifier: MPL-2.0

import { decodeMessage, encodeMessage } from '../../src/dhcpv6';
import {
  decodeEncryptedReply,
  defaultCodePoints,
  encodeEncryptedReply,
  type Signer,
} from '../../src/protocol';
import { namedKey } from '../crypto/support/vectors';

const signer: Signer = { key: namedKey('server-P-256'), chain: [] };

describe('the Server Identifier of an Encrypted-Reply (RFC 8415 section 11.1)', () => {
  const reply = (length: number, status?: { code: number; message: string }) =>
    encodeEncryptedReply(defaultCodePoints, signer, 0x010203, Buffer.alloc(length, 1), 1n, status);

  test.each([3, 130])('is a DUID with %d octets', (length) => {
    const { serverIdentifier: named } = decodeEncryptedReply(defaultCodePoints, reply(length));
    expect(named).toEqual(Buffer.alloc(length, 1));
  });

  test.each([0, 1, 2, 131, 1000])(
    'is no DUID with %d octets, nor is it in the report of a failure',
    (length) => {
      for (const status of [undefined, { code: 706, message: '' }]) {
        expect(() => decodeEncryptedReply(defaultCodePoints, reply(length, status))).toThrow(
          expect.objectContaining({ code: 'option-length' }),
        );
      }
    },
  );

  test('is there, and once', () => {
    const { options, ...head } = decodeMessage(reply(10));
    const [first, ...rest] = options;
    const decode =
      (...changed: typeof options) =>
      () =>
        decodeEncryptedReply(defaultCodePoints, encodeMessage({ ...head, options: changed }));
    expect(decode(...rest)).toThrow(expect.objectContaining({ code: 'option-missing' }));
    expect(decode(first!, ...options)).toThrow(expect.objectContaining({ code: 'option-repeated' }));
  });
});
