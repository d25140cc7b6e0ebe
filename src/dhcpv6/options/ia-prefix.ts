// SPDX-License-Identifier: MPL-2.0
import { checkInteger } from '../check';
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { DhcpOption } from '../option';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.22: a prefix of an IA_PD. */
export interface IaPrefix {
  /** seconds; `INFINITY` */
  readonly preferredLifetime: number;
  /** seconds; `INFINITY` */
  readonly validLifetime: number;
  /** 0 to 128 */
  readonly prefixLength: number;
  /** 16 octets, the bits beyond `prefixLength` as they are on the wire: a receiver ignores them */
  readonly prefix: Buffer;
  readonly options: readonly DhcpOption[];
}

const MAX_PREFIX_LENGTH = 128;

/** Preferred-lifetime (4), valid-lifetime (4), prefix-length (1), IPv6-prefix (16), options. */
export const IaPrefixOption: OptionCodec<IaPrefix> = {
  code: OptionCode.IaPrefix,
  optionsAt: 25,
  decode(data) {
    const reader = new OctetReader(data, 'IA Prefix');
    const preferredLifetime = reader.uint32('preferred-lifetime');
    const validLifetime = reader.uint32('valid-lifetime');
    const prefixLengthAt = reader.offset;
    const prefixLength = reader.uint8('prefix-length');
    if (prefixLength > MAX_PREFIX_LENGTH) {
      throw reader.error('invalid-value', `prefix-length ${prefixLength}`, prefixLengthAt);
    }
    const prefix = reader.address('IPv6-prefix');
    return { preferredLifetime, validLifetime, prefixLength, prefix, options: reader.remainingOptions() };
  },
  encode({ preferredLifetime, validLifetime, prefixLength, prefix, options }) {
    checkInteger(prefixLength, 0, MAX_PREFIX_LENGTH, 'prefixLength');
    return new OctetWriter()
      .uint32(preferredLifetime, 'preferredLifetime')
      .uint32(validLifetime, 'validLifetime')
      .uint8(prefixLength, 'prefixLength')
      .address(prefix, 'prefix')
      .options(options)
      .finish();
  },
};
