// SPDX-License-Identifier: MPL-2.0
import { encodePartialDomainName, readPartialDomainName } from '../domain-name';
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 4704 section 4. */
export interface ClientFqdn {
  /** The server should do (does) the AAAA updates. */
  readonly s: boolean;
  /** The server has overridden the client's S. */
  readonly o: boolean;
  /** The server should do (does) no updates. */
  readonly n: boolean;
  /** Complete with a final dot (`host.example.org.`), partial without (`host`), possibly empty. */
  readonly name: string;
}

const S = 0x01;
const O = 0x02;
const N = 0x04;

/** Flags (1), of which the other five are ignored when received and sent as zero; domain-name. */
export const ClientFqdnOption: OptionCodec<ClientFqdn> = {
  code: OptionCode.ClientFqdn,
  decode(data) {
    const reader = new OctetReader(data, 'Client FQDN');
    const flags = reader.uint8('flags');
    const name = readPartialDomainName(reader);
    reader.finish();
    return { s: (flags & S) !== 0, o: (flags & O) !== 0, n: (flags & N) !== 0, name };
  },
  encode({ s, o, n, name }) {
    const flags = (s ? S : 0) | (o ? O : 0) | (n ? N : 0);
    return new OctetWriter().uint8(flags, 'flags').octets(encodePartialDomainName(name, 'name')).finish();
  },
};
