// SPDX-License-Identifier: MPL-2.0

/** RFC 9180 section 7.1, draft-connolly-cfrg-xwing-kem; 0xFE01 is RSA, docs/protocol.md 9. */
export const KemId = {
  P256: 0x0010,
  P384: 0x0011,
  X25519: 0x0020,
  XWing: 0x647a,
  Rsa: 0xfe01,
} as const;

/** RFC 9180 section 7.2. */
export const KdfId = { HkdfSha256: 0x0001, HkdfSha384: 0x0002, HkdfSha512: 0x0003 } as const;

/** RFC 9180 section 7.3. */
export const AeadId = { Aes128Gcm: 0x0001, Aes256Gcm: 0x0002, ChaCha20Poly1305: 0x0003 } as const;

/** The kinds of key that the protocol knows (docs/protocol.md 2). */
export type KeyType = 'RSA' | 'P-256' | 'P-384';

/** One choice of algorithms, by their numbers on the wire (16 bits each). */
export interface Suite {
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
}

const suites: Readonly<Record<KeyType, Suite>> = {
  'P-256': { kemId: KemId.P256, kdfId: KdfId.HkdfSha256, aeadId: AeadId.Aes128Gcm },
  'P-384': { kemId: KemId.P384, kdfId: KdfId.HkdfSha384, aeadId: AeadId.Aes256Gcm },
  RSA: { kemId: KemId.Rsa, kdfId: KdfId.HkdfSha256, aeadId: AeadId.Aes128Gcm },
};

/** What a sender uses towards a recipient whose key is of this type (docs/protocol.md 4). */
export function suiteFor(keyType: KeyType): Suite {
  return suites[keyType];
}
