// SPDX-License-Identifier: MPL-2.0
import { checkDuid, isDuidLength, MAX_DUID_LENGTH } from '../duid';
import { DecodeError } from '../errors';
import type { OptionCodec } from '../option-codec';

/** An option whose data is a DUID. Its value is the DUID's octets: RFC 8415 section 11 makes it opaque. */
export function duidOption(code: number, name: string): OptionCodec<Buffer> {
  return {
    code,
    decode(data) {
      if (!isDuidLength(data.length)) {
        const tooLong = data.length > MAX_DUID_LENGTH;
        throw new DecodeError(
          tooLong ? 'trailing-octets' : 'truncated',
          tooLong ? MAX_DUID_LENGTH : data.length,
          `${name}: ${data.length} octets are no DUID`,
        );
      }
      return data;
    },
    encode(duid) {
      checkDuid(duid, 'duid');
      return duid;
    },
  };
}
