// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { DhcpOption } from '../option';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.17: Vendor-specific Information. The options' codes are the vendor's own. */
export interface VendorOptions {
  /** the vendor's IANA enterprise number */
  readonly enterpriseNumber: number;
  readonly options: readonly DhcpOption[];
}

/** Enterprise-number (4), options. */
export const VendorOptionsOption: OptionCodec<VendorOptions> = {
  code: OptionCode.VendorOptions,
  decode(data) {
    const reader = new OctetReader(data, 'Vendor-specific Information');
    const enterpriseNumber = reader.uint32('enterprise-number');
    return { enterpriseNumber, options: reader.remainingOptions() };
  },
  encode({ enterpriseNumber, options }) {
    return new OctetWriter().uint32(enterpriseNumber, 'enterpriseNumber').options(options).finish();
  },
};
