// SPDX-License-Identifier: MPL-2.0

import { Refusal } from '../support';

/**
 * Why octets were refused.
 *
 * - `truncated`: they end inside a field, an option or a message.
 * - `trailing-octets`: something is complete and octets are left over.
 * - `unexpected-message-type`: a relay message where a client/server message is wanted, or the reverse.
 * - `mixed-relay-types`: a Relay-reply inside a Relay-forward, or the reverse.
 * - `too-many-relay-levels`: more relay headers than the caller allows.
 * - `missing-option`, `repeated-option`: an option that must be there once is absent, or there again.
 * - `invalid-value`: a field holds a value that its RFC rules out.
 * - `invalid-domain-name`: compression, a label over 63 or a name over 255 octets.
 * - `invalid-text`: text that is not UTF-8.
 */
export type DecodeErrorCode =
  | 'truncated'
  | 'trailing-octets'
  | 'unexpected-message-type'
  | 'mixed-relay-types'
  | 'too-many-relay-levels'
  | 'missing-option'
  | 'repeated-option'
  | 'invalid-value'
  | 'invalid-domain-name'
  | 'invalid-text';

/** The only error that a decoder throws. `offset` counts octets from the start of what was to be decoded. */
export class DecodeError extends Refusal {
  override readonly name = 'DecodeError';

  constructor(
    readonly code: DecodeErrorCode,
    readonly offset: number,
    detail: string,
  ) {
    super(`${detail} (at octet ${offset})`);
  }
}

/**
 * Why a value cannot be encoded.
 *
 * - `out-of-range`: a number that its field cannot hold, or that its RFC rules out.
 * - `wrong-length`: more or fewer octets, or members of a list, than the format wants.
 * - `too-long`: more octets than a length field can count.
 * - `wrong-message-type`: a relay message where a client/server message is wanted, or the reverse.
 * - `missing-option`, `repeated-option`: not exactly one Relay Message option, or time source.
 * - `invalid-address`, `invalid-duid`, `invalid-domain-name`, `invalid-text`: text that does not denote one.
 */
export type EncodeErrorCode =
  | 'out-of-range'
  | 'wrong-length'
  | 'too-long'
  | 'wrong-message-type'
  | 'missing-option'
  | 'repeated-option'
  | 'invalid-address'
  | 'invalid-duid'
  | 'invalid-domain-name'
  | 'invalid-text';

/** The only error that an encoder throws. `argument` names the value, as in `options[2].data`. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';

  constructor(
    readonly code: EncodeErrorCode,
    readonly argument: string,
    detail: string,
  ) {
    super(`${argument}: ${detail}`);
  }
}
