// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.7: the codes of the options that a client wants, 2 octets each. */
export const OptionRequestOption: OptionCodec<readonly number[]> = {
  code: OptionCode.OptionRequest,
  decode(data) {
    const reader = new OctetReader(data, 'Option Request');
    const codes: number[] = [];
    while (!reader.atEnd) {
      codes.push(reader.uint16('requested-option-code'));
    }
    return codes;
  },
  encode(codes) {
    const writer = new OctetWriter();
    codes.forEach((code, index) => writer.uint16(code, `codes[${index}]`));
    return writer.finish();
  },
};
