// SPDX-License-Identifier: MPL-2.0
import { checkLength } from '../check';
import { encodeDomainName, readDomainName } from '../domain-name';
import { EncodeError } from '../errors';
import { IPV6_LENGTH } from '../ipv6';
import { OctetReader } from '../octet-reader';
import { type DhcpOption, encodeOptions } from '../option';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** NTP_SUBOPTION_SRV_ADDR, _MC_ADDR and _SRV_FQDN: RFC 5908 sections 4.1 to 4.3. */
export type NtpTimeSource =
  | { readonly kind: 'server-address'; readonly address: Buffer }
  | { readonly kind: 'multicast-address'; readonly address: Buffer }
  | { readonly kind: 'server-name'; readonly name: string };

/** A suboption that RFC 5908 does not name. */
export interface NtpUnknownSuboption {
  readonly kind: 'unknown';
  readonly code: number;
  readonly data: Buffer;
}

export type NtpSuboption = NtpTimeSource | NtpUnknownSuboption;

const SuboptionCode = { ServerAddress: 1, MulticastAddress: 2, ServerName: 3 } as const;

function decodeSuboption(code: number, reader: OctetReader): NtpSuboption {
  switch (code) {
    case SuboptionCode.ServerAddress:
      return { kind: 'server-address', address: reader.address('address') };
    case SuboptionCode.MulticastAddress:
      return { kind: 'multicast-address', address: reader.address('address') };
    case SuboptionCode.ServerName:
      return { kind: 'server-name', name: readDomainName(reader) };
    default:
      return { kind: 'unknown', code, data: reader.remaining() };
  }
}

function encodeSuboption(suboption: NtpSuboption, argument: string): DhcpOption {
  switch (suboption.kind) {
    case 'server-address':
      checkLength(suboption.address, IPV6_LENGTH, `${argument}.address`);
      return { code: SuboptionCode.ServerAddress, data: suboption.address };
    case 'multicast-address':
      checkLength(suboption.address, IPV6_LENGTH, `${argument}.address`);
      return { code: SuboptionCode.MulticastAddress, data: suboption.address };
    case 'server-name':
      return {
        code: SuboptionCode.ServerName,
        data: encodeDomainName(suboption.name, `${argument}.name`),
      };
    case 'unknown':
      if (suboption.code >= SuboptionCode.ServerAddress && suboption.code <= SuboptionCode.ServerName) {
        throw new EncodeError(
          'out-of-range',
          `${argument}.code`,
          'a known suboption, with a kind of its own',
        );
      }
      return { code: suboption.code, data: suboption.data };
  }
}

function isTimeSource(suboption: NtpSuboption): suboption is NtpTimeSource {
  return suboption.kind !== 'unknown';
}

/** RFC 5908 section 4: one time source, and only one; the option is repeated for more. */
export const NtpServerOption: OptionCodec<readonly NtpSuboption[]> = {
  code: OptionCode.NtpServer,
  decode(data) {
    const reader = new OctetReader(data, 'NTP Server');
    const suboptions: NtpSuboption[] = [];
    let sources = 0;
    while (!reader.atEnd) {
      const at = reader.offset;
      const code = reader.uint16('suboption-code');
      const inside = reader.within(reader.uint16('suboption-len'), 'suboption');
      const suboption = decodeSuboption(code, inside);
      inside.finish();
      sources += isTimeSource(suboption) ? 1 : 0;
      if (sources > 1) {
        throw reader.error('repeated-option', 'a second time source', at);
      }
      suboptions.push(suboption);
    }
    if (sources === 0) {
      throw reader.error('missing-option', 'no time source');
    }
    return suboptions;
  },
  encode(suboptions) {
    const sources = suboptions.filter(isTimeSource).length;
    if (sources !== 1) {
      const code = sources === 0 ? 'missing-option' : 'repeated-option';
      throw new EncodeError(code, 'suboptions', `${sources} time sources instead of one`);
    }
    const encoded = suboptions.map((suboption, index) => encodeSuboption(suboption, `suboptions[${index}]`));
    return encodeOptions(encoded, 'suboptions');
  },
};
