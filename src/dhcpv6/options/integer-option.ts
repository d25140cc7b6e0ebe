// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { OptionCodec } from '../option-codec';

/** An option whose data is one unsigned integer. */
export function integerOption(
  code: number,
  name: string,
  size: 'uint8' | 'uint16' | 'uint32',
): OptionCodec<number> {
  return {
    code,
    decode(data) {
      const reader = new OctetReader(data, name);
      const value = reader[size]('value');
      reader.finish();
      return value;
    },
    encode(value) {
      return new OctetWriter()[size](value, 'value').finish();
    },
  };
}
