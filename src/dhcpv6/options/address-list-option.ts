// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { OptionCodec } from '../option-codec';

/** An option whose data are addresses of 16 octets each. */
export function addressListOption(code: number, name: string): OptionCodec<readonly Buffer[]> {
  return {
    code,
    decode(data) {
      const reader = new OctetReader(data, name);
      const addresses: Buffer[] = [];
      while (!reader.atEnd) {
        addresses.push(reader.address('address'));
      }
      return addresses;
    },
    encode(addresses) {
      const writer = new OctetWriter();
      addresses.forEach((address, index) => writer.address(address, `addresses[${index}]`));
      return writer.finish();
    },
  };
}
