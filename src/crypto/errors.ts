// SPDX-License-Identifier: MPL-2.0

import { Refusal } from '../support';

/**
 * Why this room refused. The first group carries the names of RFC 9180 section 6 (ValidationError,
 * DeserializeError, …) in kebab-case.
 */
export type CryptoErrorCode =
  | 'validation-failed'
  | 'deserialize-failed'
  | 'decap-failed'
  | 'open-failed'
  | 'message-limit-reached'
  | 'derive-key-pair-failed'
  | 'psk-inputs-invalid'
  | 'export-length-invalid'
  | 'ephemeral-input-invalid'
  | 'sequence-invalid'
  | 'context-wiped'
  | 'key-erased'
  | 'algorithm-not-supported'
  | 'key-malformed'
  | 'key-invalid'
  | 'signing-failed'
  | 'plaintext-malformed'
  | 'plaintext-too-long'
  | 'timestamp-malformed';

/** Everything that this room refuses comes as a CryptoError; its code is stable, its message is for people. */
export class CryptoError extends Refusal {
  constructor(
    readonly code: CryptoErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CryptoError';
  }
}
