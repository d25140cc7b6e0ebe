// SPDX-License-Identifier: MPL-2.0

/**
 * Overwrites secrets that are needed no more, so that no later leak of this process's memory shows them.
 *
 * What it cannot reach: JavaScript's strings (the base64 of a PEM file while it is parsed) and BigInts, which go when
 * the garbage collector comes to them and are not overwritten; and what OpenSSL holds for KeyObject, ECDH, Hmac and
 * Cipher objects, which it clears itself when they are freed.
 */
export function wipe(...secrets: readonly Buffer[]): void {
  for (const secret of secrets) {
    secret.fill(0);
  }
}
