// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { createPrivateKey, generateKeyPair, generateKeyPairSync } from 'node:crypto';
import { promisify } from 'node:util';
import { PathStore, verifyPath } from '../../../src/bridge';

/** An INTEGER in a SEQUENCE: DER, but nothing that OpenSSL reads as a certificate without an error. */
const notACertificate = Buffer.from('3003020101', 'hex');

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });

/** OpenSSL keeps its errors for each thread, and Node.js reads the same list. */
describe("what OpenSSL has against a peer's octets is no error of Node.js", () => {
  test('on the thread that makes a store', () => {
    const make = (): unknown => new PathStore({ anchors: [notACertificate], intermediates: [], crls: [] });
    expect(make).toThrow(/^anchors\[0\]: no X\.509 certificate/);
    expect(createPrivateKey(pem).asymmetricKeyType).toBe('ec');
  });

  test('on the thread that verifies paths', async () => {
    const store = new PathStore({ anchors: [], intermediates: [], crls: [] });
    const request = { chain: [notACertificate], purpose: 'client', time: 0, revocation: 'none' } as const;
    for (let round = 0; round < 8; round += 1) {
      expect(verifyPath(request, store)).toMatchObject({ accepted: false });
      const pair = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
      expect(pair.privateKey.asymmetricKeyType).toBe('ec');
    }
  });
});
