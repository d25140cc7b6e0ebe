// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { DhcpOption } from '../option';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.6: an address of an IA_NA or IA_TA. */
export interface IaAddress {
  /** 16 octets */
  readonly address: Buffer;
  /** seconds; `INFINITY` */
  readonly preferredLifetime: number;
  /** seconds; `INFINITY` */
  readonly validLifetime: number;
  readonly options: readonly DhcpOption[];
}

/**
 * Address (16), preferred-lifetime (4), valid-lifetime (4), options. That an address whose preferred lifetime
 * is longer than its valid one gets ignored is for the client to see to.
 */
export const IaAddressOption: OptionCodec<IaAddress> = {
  code: OptionCode.IaAddress,
  optionsAt: 24,
  decode(data) {
    const reader = new OctetReader(data, 'IA Address');
    const address = reader.address('address');
    const preferredLifetime = reader.uint32('preferred-lifetime');
    const validLifetime = reader.uint32('valid-lifetime');
    return { address, preferredLifetime, validLifetime, options: reader.remainingOptions() };
  },
  encode({ address, preferredLifetime, validLifetime, options }) {
    return new OctetWriter()
      .address(address, 'address')
      .uint32(preferredLifetime, 'preferredLifetime')
      .uint32(validLifetime, 'validLifetime')
      .options(options)
      .finish();
  },
};
