// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.18: octets that only the relay agent understands. */
export const InterfaceIdOption: OptionCodec<Buffer> = {
  code: OptionCode.InterfaceId,
  decode: (data) => data,
  encode: (interfaceId) => interfaceId,
};
