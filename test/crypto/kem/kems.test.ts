// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { AeadId, KdfId, kemById, kems, setupBaseR, setupBaseS } from '../../../src/crypto';
import { codeOf } from '../support/raw-keys';
import { hex, vectors } from '../support/vectors';

interface EncryptionKeyVector {
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly ikm: string;
  readonly private: string;
  readonly public: string;
}

const { encryption_keys: encryptionKeys } = vectors('protocol/keys.json') as {
  encryption_keys: Record<string, EncryptionKeyVector>;
};

test('docs/protocol.md 4: the table of KEMs', () => {
  const table = kems.map(({ name, kemId, kdfId, aeadId, Nenc, Npk }) => [
    name,
    kemId,
    kdfId,
    aeadId,
    Nenc,
    Npk,
  ]);
  expect(table).toEqual([
    ['x25519', 0x0020, KdfId.HkdfSha256, AeadId.Aes128Gcm, 32, 32],
    ['p-256', 0x0010, KdfId.HkdfSha256, AeadId.Aes128Gcm, 65, 65],
    ['p-384', 0x0011, KdfId.HkdfSha384, AeadId.Aes256Gcm, 97, 97],
    ['x-wing', 0x647a, KdfId.HkdfSha256, AeadId.Aes256Gcm, 1120, 1216],
  ]);
  expect(kems.map(({ Nsecret, Nsk }) => [Nsecret, Nsk])).toEqual([
    [32, 32],
    [32, 32],
    [48, 48],
    [32, 32],
  ]);
  expect(kems.map(({ kemId }) => kemById(kemId))).toEqual(kems);
});

test.each([0, 0x0012, 0x0021, 0xfe01, -1])('kem_id %i is of no encryption key', (kemId) => {
  expect(codeOf(() => kemById(kemId))).toBe('algorithm-not-supported');
});

test.each(Object.entries(encryptionKeys))('DeriveKeyPair and serialization: %s', (_name, vector) => {
  const kem = kemById(vector.kem_id);
  expect([kem.kdfId, kem.aeadId]).toEqual([vector.kdf_id, vector.aead_id]);
  const derived = kem.deriveKeyPair(hex(vector.ikm));
  expect(derived.serialize().toString('hex')).toBe(vector.private);
  expect(derived.public.octets.toString('hex')).toBe(vector.public);
  const restored = kem.deserializePrivateKey(hex(vector.private));
  expect(restored.public.octets.toString('hex')).toBe(vector.public);
  expect(kem.deserializePublicKey(hex(vector.public)).octets.toString('hex')).toBe(vector.public);
});

describe.each(kems.map((kem) => [kem.name, kem] as const))('%s', (_name, kem) => {
  const own = kem.generateKeyPair(randomBytes);
  const publicKey = kem.deserializePublicKey(own.public.octets);

  test('what is encapsulated to a public key is what its private key gives', () => {
    for (const pkR of [publicKey, own.public]) {
      const { enc, sharedSecret } = pkR.encap();
      expect([enc.length, sharedSecret.length]).toEqual([kem.Nenc, kem.Nsecret]);
      expect(own.decap(enc)).toEqual(sharedSecret);
      expect(kem.deserializePrivateKey(own.serialize()).decap(enc)).toEqual(sharedSecret);
    }
    expect(publicKey.encap().enc).not.toEqual(publicKey.encap().enc);
  });

  test('a context of each AEAD opens what was sealed in it', () => {
    for (const aeadId of Object.values(AeadId)) {
      const suite = { kemId: kem.kemId, kdfId: kem.kdfId, aeadId };
      const { enc, context } = setupBaseS(suite, publicKey, Buffer.from('info'));
      const ciphertext = context.seal(Buffer.from('aad'), Buffer.from('plaintext'));
      const recipient = setupBaseR(suite, enc, own, Buffer.from('info'));
      expect(recipient.open(0, Buffer.from('aad'), ciphertext).toString()).toBe('plaintext');
    }
  });

  test('a key of it is for no other KEM', () => {
    const other = kems.find(({ kemId }) => kemId !== kem.kemId)!;
    const suite = { kemId: other.kemId, kdfId: other.kdfId, aeadId: other.aeadId };
    expect(codeOf(() => setupBaseS(suite, publicKey, Buffer.alloc(0)))).toBe('algorithm-not-supported');
    expect(codeOf(() => setupBaseR(suite, Buffer.alloc(other.Nenc), own, Buffer.alloc(0)))).toBe(
      'algorithm-not-supported',
    );
  });

  test('a key pair is made of Nsk random octets, which are wiped', () => {
    const given: Buffer[] = [];
    const random = (length: number): Buffer => {
      given.push(Buffer.alloc(length, 7));
      return given.at(-1)!;
    };
    const key = kem.generateKeyPair(random);
    expect(given).toEqual([Buffer.alloc(kem.Nsk)]);
    expect(key.public.octets).toEqual(kem.deriveKeyPair(Buffer.alloc(kem.Nsk, 7)).public.octets);
    expect(key.public.octets).not.toEqual(own.public.octets);
  });

  test('the caller keeps what it gave in, and changes no key by changing it', () => {
    const octets = Buffer.from(own.public.octets);
    const serialized = own.serialize();
    const imported = kem.deserializePublicKey(octets);
    const restored = kem.deserializePrivateKey(serialized);
    octets.fill(0);
    serialized.fill(0);
    expect(imported.octets).toEqual(own.public.octets);
    const { enc, sharedSecret } = imported.encap();
    expect(restored.decap(enc)).toEqual(sharedSecret);
    expect(restored.serialize()).toEqual(own.serialize());
  });

  test('lengths that are not its own are refused', () => {
    const { enc } = publicKey.encap();
    const wrong = (octets: Buffer): Buffer[] => [
      Buffer.alloc(0),
      octets.subarray(1),
      octets.subarray(0, -1),
      Buffer.concat([octets, Buffer.of(0)]),
    ];
    for (const octets of wrong(own.public.octets)) {
      expect(codeOf(() => kem.deserializePublicKey(octets))).toBe('deserialize-failed');
    }
    for (const octets of wrong(own.serialize())) {
      expect(codeOf(() => kem.deserializePrivateKey(octets))).toBe('deserialize-failed');
    }
    for (const octets of wrong(enc)) {
      expect(codeOf(() => own.decap(octets))).toBe('deserialize-failed');
    }
  });

  test('the ephemeral input of another KEM is refused', () => {
    const inputs = [
      { ikmE: Buffer.alloc(32) },
      { s: Buffer.alloc(32), enc: Buffer.alloc(256) },
      { eseed: Buffer.alloc(64) },
    ];
    const codes = inputs.map((input) => codeOf(() => publicKey.encap(input)));
    const right = kem.name === 'x-wing' ? 2 : 0;
    expect(codes.map((code, index) => (index === right ? 'nothing thrown' : code))).toEqual(
      inputs.map((_input, index) => (index === right ? 'nothing thrown' : 'ephemeral-input-invalid')),
    );
    expect(codes[right]).toBe('nothing thrown');
  });

  test('a private key that was erased is overwritten, and gives nothing any more', () => {
    const key = kem.generateKeyPair(randomBytes);
    const { enc } = key.public.encap();
    const wiped: Buffer[] = [];
    const fill = jest.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, value) {
      wiped.push(Buffer.from(this));
      return Uint8Array.prototype.fill.call(this, Number(value)) as Buffer;
    });
    const serialized = key.serialize();
    try {
      key.erase();
    } finally {
      fill.mockRestore();
    }
    expect(wiped).toContainEqual(serialized);
    expect(codeOf(() => key.decap(enc))).toBe('key-erased');
    expect(codeOf(() => key.serialize())).toBe('key-erased');
    key.erase();
    expect(key.public.encap().enc).toHaveLength(kem.Nenc);
  });
});

describe('RFC 9180 section 7.1.4', () => {
  const lowOrder = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    `ec${'ff'.repeat(30)}7f`,
  ].map(hex);

  test('X25519: an agreement that gives zeros is refused at both ends', () => {
    const kem = kemById(0x0020);
    const own = kem.generateKeyPair(randomBytes);
    for (const point of lowOrder) {
      expect(codeOf(() => own.decap(point))).toBe('validation-failed');
      const publicKey = kem.deserializePublicKey(point);
      expect(codeOf(() => publicKey.encap())).toBe('validation-failed');
      expect(codeOf(() => publicKey.encap({ ikmE: Buffer.alloc(32, 1) }))).toBe('validation-failed');
    }
  });

  test('X-Wing: so is one in it', () => {
    const kem = kemById(0x647a);
    const own = kem.generateKeyPair(randomBytes);
    const { enc } = own.public.encap();
    for (const point of lowOrder) {
      expect(codeOf(() => own.decap(Buffer.concat([enc.subarray(0, -32), point])))).toBe('validation-failed');
      const octets = Buffer.concat([own.public.octets.subarray(0, -32), point]);
      expect(codeOf(() => kem.deserializePublicKey(octets).encap())).toBe('validation-failed');
    }
  });

  test.each([0x0010, 0x0011])('kem_id %i: what is no uncompressed point of the curve is refused', (kemId) => {
    const kem = kemById(kemId);
    const own = kem.generateKeyPair(randomBytes);
    const changed = (at: number): Buffer => {
      const octets = Buffer.from(own.public.octets);
      octets[at]! ^= 1;
      return octets;
    };
    for (const octets of [changed(0), changed(1), changed(kem.Npk - 1), Buffer.alloc(kem.Npk, 4)]) {
      expect(codeOf(() => kem.deserializePublicKey(octets))).toBe('deserialize-failed');
      expect(codeOf(() => own.decap(octets))).toBe('deserialize-failed');
    }
  });

  test.each([
    [0x0010, 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
    [
      0x0011,
      'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ],
  ])('kem_id %i: a private key is from 1 to the order less 1', (kemId, order) => {
    const kem = kemById(kemId);
    const less = hex(order);
    less[less.length - 1]! -= 1;
    expect(kem.deserializePrivateKey(less).serialize()).toEqual(less);
    for (const scalar of [hex(order), Buffer.alloc(kem.Nsk), Buffer.alloc(kem.Nsk, 0xff)]) {
      expect(codeOf(() => kem.deserializePrivateKey(scalar))).toBe('deserialize-failed');
    }
  });
});
