// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';
import { readClassData, writeClassData } from './class-data';

/** RFC 8415 section 21.16. */
export interface VendorClass {
  /** the vendor's IANA enterprise number */
  readonly enterpriseNumber: number;
  readonly classes: readonly Buffer[];
}

/** Enterprise-number (4), vendor-class-data. */
export const VendorClassOption: OptionCodec<VendorClass> = {
  code: OptionCode.VendorClass,
  decode(data) {
    const reader = new OctetReader(data, 'Vendor Class');
    const enterpriseNumber = reader.uint32('enterprise-number');
    return { enterpriseNumber, classes: readClassData(reader) };
  },
  encode({ enterpriseNumber, classes }) {
    const writer = new OctetWriter().uint32(enterpriseNumber, 'enterpriseNumber');
    writeClassData(writer, classes, 'classes');
    return writer.finish();
  },
};
