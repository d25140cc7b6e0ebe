// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { privateKeyExposure, readPrivateKey } from '../../src/pki';
import { parsePem } from '../../src/pki/pem';
import { decodePrivateKey } from '../../src/pki/private-key-file';
import { TestDirectory } from '../support/test-directory';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const isZero = (octets: Buffer): boolean => octets.length > 0 && octets.every((octet) => octet === 0);

describe('the octets of a private key', () => {
  test('are overwritten once the key is read', () => {
    const octets = Buffer.from(pem(privateKey));
    expect(readPrivateKey(octets).equals(privateKey)).toBe(true);
    expect(isZero(octets)).toBe(true);
  });

  test.each([
    ['is two', `${pem(privateKey)}${pem(privateKey)}`],
    ['is cut off', pem(privateKey).slice(0, 100)],
    ['is none', 'no key'],
  ])('are overwritten also where what was read %s', (_, text) => {
    const octets = Buffer.from(text);
    expect(() => readPrivateKey(octets)).toThrow(expect.objectContaining({ name: 'PkiError' }));
    expect(isZero(octets)).toBe(true);
  });

  test('the DER inside PEM is overwritten too', () => {
    const seen: Buffer[] = [];
    const fill = jest.spyOn(Buffer.prototype, 'fill');
    fill.mockImplementation(function (this: Buffer, value) {
      seen.push(Buffer.from(this));
      return Uint8Array.prototype.fill.call(this, Number(value)) as Buffer;
    });
    try {
      readPrivateKey(Buffer.from(pem(privateKey)));
    } finally {
      fill.mockRestore();
    }
    const [block] = parsePem(Buffer.from(pem(privateKey)), 'key');
    expect(seen.some((octets) => octets.equals(block!.der))).toBe(true);
    expect(decodePrivateKey(block!, 'key').equals(privateKey)).toBe(true);
  });
});

describe('the mode of the file of a private key', () => {
  const directory = TestDirectory.forAllTests();
  const file = directory.file('server.key');

  beforeAll(() => {
    writeFileSync(file, pem(privateKey));
  });

  test.each([0o600, 0o400, 0o640, 0o440, 0o660])('%o is fine', (mode) => {
    chmodSync(file, mode);
    expect(privateKeyExposure(file)).toBeUndefined();
  });

  test.each([0o644, 0o604, 0o602, 0o666])('%o is not', (mode) => {
    chmodSync(file, mode);
    expect(privateKeyExposure(file)).toBe(
      `the private key ${file} is open to every user of this machine (mode 0${mode.toString(8)}): chmod 0600 or 0640`,
    );
  });

  test('of no file is none', () => {
    expect(privateKeyExposure(directory.file('none'))).toBeUndefined();
  });
});
