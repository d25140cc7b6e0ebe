// SPDX-License-Identifier: MPL-2.0

/**
 * Why a credential, a file or a request to issue something was refused.
 *
 * - `file-unreadable`, `file-too-large`, `file-empty`: nothing could be read, or nothing of the wanted kind.
 * - `file-unwritable`: the system does not let it be written.
 * - `file-exists`: it would have been overwritten.
 * - `pem-malformed`: a damaged boundary, text that is not base64, a block of a kind that does not belong there.
 * - `certificate-malformed`, `crl-malformed`, `csr-malformed`: not strict DER, or not what its RFC says.
 * - `key-malformed`, `key-encrypted`: a private or public key that cannot be read.
 * - `algorithm-not-supported`: a key of another algorithm, curve or size than docs/protocol.md 2 lists.
 * - `key-mismatch`: the private key is not the certificate's.
 * - `not-yet-valid`, `expired`: outside the certificate's validity.
 * - `key-usage`, `extended-key-usage`: the certificate is not made for its role (docs/protocol.md 2).
 * - `chain-order`, `chain-too-long`: a chain file whose certificates do not issue one another, or too many.
 * - `not-an-authority`: a trust anchor or issuer that may not issue certificates.
 * - `signature-invalid`: something that claims to be signed by an authority or key, and is not.
 * - `invalid-argument`: a name, a number of days or the like that cannot be put into a certificate.
 */
export type PkiErrorCode =
  | 'file-unreadable'
  | 'file-too-large'
  | 'file-empty'
  | 'file-unwritable'
  | 'file-exists'
  | 'pem-malformed'
  | 'certificate-malformed'
  | 'crl-malformed'
  | 'csr-malformed'
  | 'key-malformed'
  | 'key-encrypted'
  | 'algorithm-not-supported'
  | 'key-mismatch'
  | 'not-yet-valid'
  | 'expired'
  | 'key-usage'
  | 'extended-key-usage'
  | 'chain-order'
  | 'chain-too-long'
  | 'not-an-authority'
  | 'signature-invalid'
  | 'invalid-argument';

/** What this room refuses; the code is stable, the message names the source and is for people. */
export class PkiError extends Error {
  override readonly name = 'PkiError';

  constructor(
    readonly code: PkiErrorCode,
    /** The file, or what else the refused value came from. */
    readonly source: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`${source}: ${detail}`, options);
  }
}
