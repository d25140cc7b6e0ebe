// SPDX-License-Identifier: MPL-2.0

import * as fc from 'fast-check';
import { AeadId, KdfId, setupBaseR, setupBaseS, setupPskR, setupPskS } from '../../src/crypto';
import { dhkemP256, dhkemP384, dhkemX25519 } from '../../src/crypto/kem/dhkem';
import { HpkeOracle } from './support/hpke-oracle';
import { rawPrivateKey } from './support/raw-keys';

const dhkems = { 'P-256': dhkemP256, 'P-384': dhkemP384, X25519: dhkemX25519 } as const;

const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));

const scenario = fc.record({
  kem: fc.constantFrom<keyof typeof dhkems>('P-256', 'P-384', 'X25519'),
  /** Whether the recipient's key is that of a credential; none is of X25519. */
  isCredential: fc.boolean(),
  kdfId: fc.constantFrom(...Object.values(KdfId)),
  // Node.js 20 has no ChaCha20-Poly1305 in WebCrypto; CFRG's vectors have it.
  aeadId: fc.constantFrom(AeadId.Aes128Gcm, AeadId.Aes256Gcm),
  ikmR: octets(48, 64),
  info: octets(0, 100),
  psk: fc.option(fc.record({ psk: octets(32, 64), pskId: octets(1, 64) }), { nil: undefined }),
  messages: fc.array(fc.record({ plaintext: octets(0, 300), aad: octets(0, 100) }), { maxLength: 4 }),
  exporterContext: octets(0, 64),
  length: fc.integer({ min: 1, max: 200 }),
});

describe('against another implementation of RFC 9180', () => {
  let oracle: HpkeOracle;

  beforeAll(() => {
    oracle = new HpkeOracle();
  });

  afterAll(async () => {
    await oracle.close();
  });

  test('DeriveKeyPair, and contexts set up at either end, base and psk', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ ikmR, psk: pskInputs, isCredential, ...rest }) => {
        const { kem, kdfId, aeadId, info, messages, exporterContext, length } = rest;
        const derived = await oracle.derive({ kem, kdfId, aeadId, ikm: ikmR });
        const encryptionKey = dhkems[kem].deriveKeyPair(ikmR);
        const scalar = encryptionKey.serialize();
        expect(scalar.equals(derived.privateKey)).toBe(true);
        expect(encryptionKey.public.octets.equals(derived.publicKey)).toBe(true);
        const skR =
          isCredential && kem !== 'X25519'
            ? rawPrivateKey(kem, scalar, encryptionKey.public.octets)
            : encryptionKey;
        const suite = { kemId: skR.kemId, kdfId, aeadId };
        const common = { ...rest, psk: pskInputs?.psk, pskId: pskInputs?.pskId };

        const theirs = await oracle.seal({ ...common, publicKey: Buffer.from(derived.publicKey) });
        const theirEnc = Buffer.from(theirs.enc);
        const recipient =
          pskInputs === undefined
            ? setupBaseR(suite, theirEnc, skR, info)
            : setupPskR(suite, theirEnc, skR, info, pskInputs.psk, pskInputs.pskId);
        messages.forEach(({ plaintext, aad }, sequence) => {
          const opened = recipient.open(sequence, aad, Buffer.from(theirs.ciphertexts[sequence]!));
          expect(opened.equals(plaintext)).toBe(true);
        });
        expect(recipient.export(exporterContext, length).equals(theirs.exported)).toBe(true);

        const ours =
          pskInputs === undefined
            ? setupBaseS(suite, skR.public, info)
            : setupPskS(suite, skR.public, info, pskInputs.psk, pskInputs.pskId);
        const sealed = messages.map(({ plaintext, aad }) => ({
          ciphertext: ours.context.seal(aad, plaintext),
          aad,
        }));
        const opened = await oracle.open({ ...common, privateKey: scalar, enc: ours.enc, messages: sealed });
        opened.plaintexts.forEach((plaintext, index) => {
          expect(messages[index]!.plaintext.equals(plaintext)).toBe(true);
        });
        expect(opened.plaintexts).toHaveLength(messages.length);
        expect(ours.context.export(exporterContext, length).equals(opened.exported)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
