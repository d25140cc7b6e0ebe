// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.12: the address, 16 octets, to which a client may unicast. */
export const ServerUnicastOption: OptionCodec<Buffer> = {
  code: OptionCode.ServerUnicast,
  decode(data) {
    const reader = new OctetReader(data, 'Server Unicast');
    const address = reader.address('server-address');
    reader.finish();
    return address;
  },
  encode(address) {
    return new OctetWriter().address(address, 'address').finish();
  },
};
