// SPDX-License-Identifier: MPL-2.0

import { Refusal } from '../support';

/** Why a message of the encryption protocol is refused. The codes are stable: statistics are named after them. */
export const protocolErrorCodes = [
  'malformed',
  'unexpected-message-type',
  'option-missing',
  'option-repeated',
  'option-unexpected',
  'option-length',
  'client-identifier-present',
  'credential-missing',
  'credential-ambiguous',
  'certificates-too-many',
  'credential-invalid',
  'algorithm-not-supported',
  'authentication-fail',
  'timestamp-fail',
  'signature-fail',
  'server-identifier-mismatch',
  'recipient-unknown',
  'context-unknown',
  'encryption-key-unusable',
  'envelope-malformed',
  'envelope-version',
  'envelope-mode',
  'envelope-suite',
  'envelope-open-fail',
  'context-mismatch',
  'replayed',
  'inner-malformed',
  'inner-message-type',
  'inner-transaction-id',
  'inner-server-identifier',
  'query-unsigned',
  'key-unknown',
  'key-identifier-mismatch',
] as const;

export type ProtocolErrorCode = (typeof protocolErrorCodes)[number];

/** A message that docs/protocol.md tells its receiver to refuse. */
export class ProtocolError extends Refusal {
  override readonly name = 'ProtocolError';

  constructor(
    readonly code: ProtocolErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
