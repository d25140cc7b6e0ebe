// SPDX-License-Identifier: MPL-2.0

import { constants, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { type EphemeralInput, ephemeralSecret, type EphemeralSecret } from './ephemeral-input';
import { CryptoError } from '../errors';
import { kdfById } from '../kdf';
import {
  type DecapsulationKey,
  type Encapsulation,
  type EncapsulationKey,
  extractAndExpand,
  kemKdf,
} from './kem';
import { KdfId, KemId } from '../suite';
import { wipe } from '../wipe';

/** Octets of the encapsulated secret `s` (docs/protocol.md 9). */
const secretLength = 32;

const kdf = kemKdf(KemId.Rsa, kdfById(KdfId.HkdfSha256));

/** RSAES-OAEP with SHA-256 for both hashes and an empty label (RFC 8017 section 7.1). */
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** The public side of an RSA recipient. */
export interface RsaRecipient {
  readonly publicKey: KeyObject;
  /** SHA-256 of the SubjectPublicKeyInfo: it stands in kem_context for the public key. */
  readonly keyId: Buffer;
  readonly modulusLength: number;
}

/** The KEM of docs/protocol.md 9 towards an RSA key. */
export class RsaEncapsulationKey implements EncapsulationKey {
  readonly kemId = KemId.Rsa;

  constructor(private readonly recipient: RsaRecipient) {}

  encap(ephemeral?: EphemeralInput): Encapsulation {
    const { recipient } = this;
    const { s, enc } = ephemeral === undefined ? freshSecret(recipient) : copyOf(ephemeralSecret(ephemeral));
    if (s.length !== secretLength || enc.length !== recipient.modulusLength) {
      throw new CryptoError(
        'ephemeral-input-invalid',
        `s of ${s.length} octets, enc of ${enc.length} octets`,
      );
    }
    return { sharedSecret: sharedSecretOf(s, enc, recipient), enc };
  }
}

/** The KEM of docs/protocol.md 9 with an own RSA key. */
export class RsaDecapsulationKey implements DecapsulationKey {
  readonly kemId = KemId.Rsa;

  constructor(
    private readonly privateKey: KeyObject,
    private readonly recipient: RsaRecipient,
  ) {}

  /** Throws `decap-failed`, one and the same, for everything that OAEP or the secret's length can fail on. */
  decap(enc: Buffer): Buffer {
    const { privateKey, recipient } = this;
    if (enc.length !== recipient.modulusLength) {
      throw new CryptoError(
        'deserialize-failed',
        `enc of ${enc.length} octets for RSA of ${recipient.modulusLength}`,
      );
    }
    const s = decrypt(enc, privateKey);
    if (s?.length !== secretLength) {
      wipe(...(s === undefined ? [] : [s]));
      throw new CryptoError('decap-failed', 'RSAES-OAEP decryption error');
    }
    return sharedSecretOf(s, enc, recipient);
  }
}

/** The caller's own stays as it is. */
function copyOf({ s, enc }: EphemeralSecret): EphemeralSecret {
  return { s: Buffer.from(s), enc };
}

function freshSecret(recipient: RsaRecipient): EphemeralSecret {
  const s = randomBytes(secretLength);
  return { s, enc: publicEncrypt({ key: recipient.publicKey, ...oaep }, s) };
}

function decrypt(enc: Buffer, privateKey: KeyObject): Buffer | undefined {
  try {
    return privateDecrypt({ key: privateKey, ...oaep }, enc);
  } catch {
    return undefined;
  }
}

/** @param s is wiped */
function sharedSecretOf(s: Buffer, enc: Buffer, recipient: RsaRecipient): Buffer {
  return extractAndExpand(kdf, s, Buffer.concat([enc, recipient.keyId]));
}
