// SPDX-License-Identifier: MPL-2.0
import { checkInteger } from '../check';
import type { OptionCodec } from '../option-codec';
import { integerOption } from './integer-option';

const MIN_SECONDS = 60;
const MAX_SECONDS = 86400;

/** Any other value MUST be ignored by a client: RFC 8415 sections 21.24 and 21.25. */
export function isMaxRtInRange(seconds: number): boolean {
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS;
}

/** A maximum retransmission time in seconds; decoded as it is, encoded only within its range. */
export function maxRtOption(code: number, name: string): OptionCodec<number> {
  const { decode, encode } = integerOption(code, name, 'uint32');
  return {
    code,
    decode,
    encode(seconds) {
      checkInteger(seconds, MIN_SECONDS, MAX_SECONDS, 'value');
      return encode(seconds);
    },
  };
}
