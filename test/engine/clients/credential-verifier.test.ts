// SPDX-License-Identifier: MPL-2.0

/*
 * CredentialVerifier: what clients show of themselves. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 2       | strict DER, key types and sizes                             | a credential that is read                 |
 * | 2       | a certification path for the role of a client               | a certificate that is verified            |
 * | 2       | revocation                                                  | a certificate that is verified            |
 * | 8       | which names a certificate stands for                        | the names of a certificate                |
 * | 8       | a certified key that is shown bare                          | a bare key                                |
 */

import { generateKeyPairSync } from 'node:crypto';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import type { ClientIdentity } from '../../../src/engine/key-table/client-identity';
import { refusal, World } from '../support/world';

const world = World.forEachTest();

const chainOf = ({ chain }: WorkerIdentity): Buffer[] => chain.map((der) => Buffer.from(der));
const readChain = (certificates: readonly Buffer[]) =>
  world.part.verifier.read({ kind: 'certificate', certificates });
const readKey = (spki: Buffer) => world.part.verifier.read({ kind: 'public-key', spki });
const verify = (identity: WorkerIdentity): ClientIdentity =>
  world.part.verifier.verify(readChain(chainOf(identity)));

const spkiOf = (key: { export(options: { type: 'spki'; format: 'der' }): Buffer }): Buffer =>
  key.export({ type: 'spki', format: 'der' });

describe('a credential that is read (section 2)', () => {
  test('has its key, certified or bare', () => {
    const { keyId, signer } = world.client(world.people.alice);
    expect(readChain(chainOf(world.people.alice)).key.keyId).toEqual(keyId);
    expect(readKey(signer.key.public.spki)).toMatchObject({ certificate: undefined, key: { keyId } });
  });

  test.each(['octets behind it', 'no octets', 'the last octet lost'])('is refused with %s', (how) => {
    const mangle = (der: Buffer): Buffer =>
      how === 'no octets'
        ? der.subarray(0, 0)
        : how === 'octets behind it'
          ? Buffer.concat([der, Buffer.of(0)])
          : der.subarray(0, -1);
    const { key } = world.client(world.people.alice).signer;
    expect(() => readChain(chainOf(world.people.alice).map(mangle))).toThrow(refusal('credential-invalid'));
    expect(() => readKey(mangle(key.public.spki))).toThrow(refusal('credential-invalid'));
  });

  test('is refused where any certificate has more than 16384 octets', () => {
    const [certificate] = chainOf(world.people.alice);
    expect(() => readChain([certificate!, Buffer.alloc(16_385)])).toThrow(refusal('credential-invalid'));
    expect(() => readChain([certificate!, Buffer.alloc(16_384)])).not.toThrow();
  });

  test('is refused with a key of another algorithm, curve or size', () => {
    for (const { publicKey } of [
      generateKeyPairSync('ed25519'),
      generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
      generateKeyPairSync('rsa', { modulusLength: 1024 }),
    ]) {
      expect(() => readKey(spkiOf(publicKey))).toThrow(refusal('algorithm-not-supported'));
    }
    expect(() =>
      readKey(spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey)),
    ).not.toThrow();
  });

  test('keeps none of the memory that it was read from', () => {
    const [certificate] = chainOf(world.people.alice);
    const datagram = Buffer.from(certificate!);
    const read = readChain([datagram]);
    datagram.fill(0);
    expect(world.part.verifier.verify(read)).toMatchObject({ text: 'CN=alice' });
  });
});

describe('a certificate that is verified (section 2)', () => {
  const day = 86_400_000;

  test('says who its holder is, and until when', () => {
    const { keyId } = world.client(world.people.alice);
    expect(verify(world.people.alice)).toMatchObject({ kind: 'certificate', keyId, text: 'CN=alice' });
    expect(verify(world.people.alice).notAfter).toBeLessThanOrEqual(world.now + 99 * day);
  });

  test("is refused where it is another authority's", () => {
    expect(() => verify(world.people.mallory)).toThrow(refusal('authentication-fail'));
  });

  test("is refused where it is a server's", () => {
    expect(() => verify(world.people.server)).toThrow(refusal('authentication-fail'));
  });

  test('is refused before its time, and after it', () => {
    for (const offset of [-2 * day, 100 * day]) {
      world.now += offset;
      expect(() => verify(world.people.alice)).toThrow(refusal('authentication-fail'));
      world.now -= offset;
    }
    expect(() => verify(world.people.alice)).not.toThrow();
  });

  test('is refused when a CRL revokes it, and no other', async () => {
    const { pki, alice, bob } = world.people;
    await world.restart({ trust: pki.trust(await pki.crl(1n, alice)) });
    expect(() => verify(alice)).toThrow(refusal('authentication-fail'));
    expect(verify(bob)).toMatchObject({ text: 'CN=bob' });
  });

  test('is vouched for as long as the trust anchors are the same, and no CRL lists it', async () => {
    const { pki, alice } = world.people;
    const identity = verify(alice);
    expect(world.part.trust.vouchesFor(identity)).toBe(true);
    world.part.trust.replace(pki.trust(await pki.crl(1n, alice)));
    expect(world.part.trust.vouchesFor(identity)).toBe(false);
    world.part.trust.replace({ ...pki.trust(), anchors: [] });
    expect(world.part.trust.vouchesFor(identity)).toBe(false);
  });
});

describe('the names of a certificate (section 8)', () => {
  test('are the same of a renewed one with another key, and of no other', async () => {
    const { pki, alice, bob } = world.people;
    const renewed = verify(await pki.issue('client', 'alice'));
    expect(renewed.keyId).not.toEqual(verify(alice).keyId);
    expect(renewed.certified).toEqual(verify(alice).certified);
    expect(verify(bob).certified?.names).not.toEqual(renewed.certified?.names);
    expect(verify(bob).certified?.issuer).toEqual(renewed.certified?.issuer);
  });
});

describe('a bare key (section 8)', () => {
  const bare = (identity: WorkerIdentity): ClientIdentity =>
    world.part.verifier.verify(readKey(world.client(identity).signer.key.public.spki));

  test('is nobody but itself', () => {
    const { keyId } = world.client(world.people.bare);
    expect(bare(world.people.bare)).toMatchObject({
      kind: 'public-key',
      certified: undefined,
      notAfter: undefined,
      text: `key ${keyId.toString('hex')}`,
    });
  });

  test('is bare though its certificate was shown before', () => {
    expect(verify(world.people.alice).certified).toBeDefined();
    expect(bare(world.people.alice)).toMatchObject({ kind: 'public-key', certified: undefined });
  });
});
