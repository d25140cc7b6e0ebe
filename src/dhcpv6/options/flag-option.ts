// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import type { OptionCodec } from '../option-codec';

/** An option without data: its presence is its value. */
export function flagOption(code: number, name: string): OptionCodec<true> {
  return {
    code,
    decode(data) {
      new OctetReader(data, name).finish();
      return true;
    },
    encode() {
      return Buffer.alloc(0);
    },
  };
}
