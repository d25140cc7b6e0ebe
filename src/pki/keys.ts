// SPDX-License-Identifier: MPL-2.0

import type { KeyObject } from 'node:crypto';
import { CryptoError, RecipientPrivateKey, RecipientPublicKey } from '../crypto';
import { PkiError, type PkiErrorCode } from './errors';
import { SigningProgram } from './signing-program';

/**
 * A public key from a DER SubjectPublicKeyInfo.
 * @throws PkiError `algorithm-not-supported`, or `malformed` for everything else
 */
export function publicKeyFrom(
  spki: Buffer,
  source: string,
  malformed: PkiErrorCode = 'key-malformed',
): RecipientPublicKey {
  return withSource(source, malformed, () => RecipientPublicKey.fromSpki(spki));
}

/** @throws PkiError `algorithm-not-supported` or `key-malformed` */
export function privateKeyFrom(key: KeyObject, source: string): RecipientPrivateKey {
  return withSource(source, 'key-malformed', () => RecipientPrivateKey.fromKeyObject(key));
}

/**
 * A private key, or the program that signs with it.
 * @param key without a command the private key, else the public one
 * @throws CryptoError as `RecipientPrivateKey.fromKeyObject`
 */
export function privateKeyOf(key: KeyObject, command: readonly string[] | undefined): RecipientPrivateKey {
  if (command === undefined) {
    return RecipientPrivateKey.fromKeyObject(key);
  }
  const spki = key.export({ type: 'spki', format: 'der' });
  return RecipientPrivateKey.ofSigner(spki, new SigningProgram(command));
}

function withSource<T>(source: string, malformed: PkiErrorCode, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof CryptoError)) {
      throw error;
    }
    const code = error.code === 'algorithm-not-supported' ? error.code : malformed;
    throw new PkiError(code, source, error.message, { cause: error });
  }
}
