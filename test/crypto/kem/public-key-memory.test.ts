// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { kems } from '../../../src/crypto';

/** A server keeps a client's key until its first answer: a part of Node.js's slabs would keep 8 KiB with it. */
test.each(kems.map((kem) => [kem.name, kem] as const))(
  'a public key of %s has memory of its own',
  (_, kem) => {
    const octets = Buffer.from(kem.generateKeyPair(randomBytes).public.octets);
    const key = kem.deserializePublicKey(octets);
    expect(key.octets).toEqual(octets);
    expect(key.octets.buffer.byteLength).toBe(octets.length);
  },
);
