// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { DhcpOption } from '../option';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.5: Identity Association for Temporary Addresses. */
export interface IaTa {
  readonly iaid: number;
  readonly options: readonly DhcpOption[];
}

/** IAID (4), options. */
export const IaTaOption: OptionCodec<IaTa> = {
  code: OptionCode.IaTa,
  decode(data) {
    const reader = new OctetReader(data, 'IA_TA');
    const iaid = reader.uint32('IAID');
    return { iaid, options: reader.remainingOptions() };
  },
  encode({ iaid, options }) {
    return new OctetWriter().uint32(iaid, 'iaid').options(options).finish();
  },
};
