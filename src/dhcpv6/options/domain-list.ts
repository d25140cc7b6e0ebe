// SPDX-License-Identifier: MPL-2.0
import { encodeDomainName, readDomainName } from '../domain-name';
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/**
 * RFC 3646 section 4: the domain search list, complete names in the text form of domain-name.ts
 * (`example.org.`). To encode, the final dot may be left out.
 */
export const DomainListOption: OptionCodec<readonly string[]> = {
  code: OptionCode.DomainList,
  decode(data) {
    const reader = new OctetReader(data, 'Domain Search List');
    const names: string[] = [];
    while (!reader.atEnd) {
      names.push(readDomainName(reader));
    }
    return names;
  },
  encode(names) {
    const writer = new OctetWriter();
    names.forEach((name, index) => writer.octets(encodeDomainName(name, `names[${index}]`)));
    return writer.finish();
  },
};
