// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey, ntpFromUnixMilliseconds } from '../../src/crypto';
import { decodeMessage } from '../../src/dhcpv6';
import { defaultCodePoints, encodeEncryptedReply, type Signer } from '../../src/protocol';
import { identityOf } from '../engine/support/vector-engine';
import { setUp } from './support/client-set-up';

const identifier = Buffer.from('00030001000000000001', 'hex');

function signerOf(name: string): Signer {
  const { privateKey, chain } = identityOf(name);
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: chain.map((der) => Buffer.from(der)) };
}

/** A server that answers every Encrypted-Request, or Solicit of solution B, with a report. */
function report(code: number, message = '', signer = signerOf('server-P-256')) {
  return (octets: Buffer, now: number): Promise<Buffer[]> => {
    const { transactionId } = decodeMessage(octets);
    const timestamp = ntpFromUnixMilliseconds(now);
    const status = { code, message };
    return Promise.resolve([
      encodeEncryptedReply(defaultCodePoints, signer, transactionId, identifier, timestamp, status),
    ]);
  };
}

describe.each(['A', 'B'] as const)(
  'solution %s: the report of the server reaches the user (section 7)',
  (solution) => {
    test.each([
      [705, 'it does not support the algorithm of our key or signature'],
      [706, 'it does not accept our credential'],
      [707, 'it refuses our timestamp: its clock says 2026-01-01T00:00:'],
      [708, 'it could not verify our signature'],
      [1, 'status code 1'],
    ])('status %d: %s', async (code, words) => {
      const { client, link } = setUp({ solution, answer: report(code) });
      await expect(client.obtain()).rejects.toMatchObject({
        code: 'authentication-refused',
        message: expect.stringMatching(new RegExp(`refused this client: ${words}`)),
      });
      // A report is no authentication: the client keeps looking.
      expect(link.sent.length).toBeGreaterThan(2);
    });

    test("so does the server's own text", async () => {
      const { client } = setUp({ solution, answer: report(706, 'unknown authority') });
      await expect(client.obtain()).rejects.toMatchObject({
        message: expect.stringMatching(/\(unknown authority\)$/),
      });
    });

    test('a report that no trusted server has signed is none', async () => {
      const { client } = setUp({ solution, answer: report(706, '', signerOf('client-P-256')) });
      await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
    });
  },
);
