// SPDX-License-Identifier: MPL-2.0

import { type DerElement, DerError, DerReader, Tag } from '../bridge';
import { asPkiError, type CertificateFields } from './certificate';

export const ExtensionId = {
  SubjectKeyIdentifier: '2.5.29.14',
  KeyUsage: '2.5.29.15',
  SubjectAltName: '2.5.29.17',
  BasicConstraints: '2.5.29.19',
  CrlNumber: '2.5.29.20',
  AuthorityKeyIdentifier: '2.5.29.35',
  ExtendedKeyUsage: '2.5.29.37',
} as const;

/** RFC 5280 section 4.2.1.12 */
export const KeyPurposeId = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

/** The bits of keyUsage in the order of RFC 5280 section 4.2.1.3. */
const keyUsageNames = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsageNames)[number];

export interface BasicConstraints {
  readonly cA: boolean;
  readonly pathLenConstraint: number | undefined;
}

/** The names of RFC 5280 section 4.2.1.6 that say something here; the other forms are passed over. */
export interface SubjectAltNames {
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  readonly email: readonly string[];
}

type WithExtensions = Pick<CertificateFields, 'extensions'>;

/** The extension's value, read by `read`; undefined if the certificate has none. */
function readExtension<T>(
  fields: WithExtensions,
  id: string,
  source: string,
  name: string,
  read: (value: Buffer) => T,
): T | undefined {
  const extension = fields.extensions.get(id);
  return extension === undefined
    ? undefined
    : asPkiError('certificate-malformed', source, `${name} not in DER`, () => read(extension.value));
}

export function basicConstraints(fields: WithExtensions, source: string): BasicConstraints | undefined {
  return readExtension(fields, ExtensionId.BasicConstraints, source, 'basicConstraints', (value) => {
    const reader = DerReader.open(value, Tag.Sequence, 'basicConstraints');
    const cA = reader.boolean('cA');
    const pathLen = reader.optional(Tag.Integer, 'pathLenConstraint');
    reader.end('basicConstraints');
    return { cA, pathLenConstraint: pathLen === undefined ? undefined : pathLength(pathLen, cA) };
  });
}

function pathLength({ contents, offset }: DerElement, cA: boolean): number {
  const negative = (contents[0] ?? 0) >= 0x80;
  // RFC 5280 section 4.2.1.9; no path is longer than three octets can say.
  if (!cA || negative || contents.length > 3) {
    throw new DerError(
      offset,
      cA ? 'a pathLenConstraint that no path has' : 'a pathLenConstraint without cA',
    );
  }
  return contents.readUIntBE(0, contents.length);
}

export function keyUsage(fields: WithExtensions, source: string): ReadonlySet<KeyUsage> | undefined {
  return readExtension(fields, ExtensionId.KeyUsage, source, 'keyUsage', (value) => {
    const reader = DerReader.wrap(value);
    const { contents, offset } = reader.element('keyUsage', Tag.BitString);
    const [unused = 0, ...octets] = contents;
    const bits = octets.length * 8 - unused;
    const isSet = (bit: number): boolean => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
    // X.690 section 11.2.2: a list of named bits ends with a one. RFC 5280: at least one bit is set.
    if (bits === 0 || !isSet(bits - 1)) {
      throw new DerError(offset, 'a keyUsage with zero bits at its end');
    }
    return new Set(keyUsageNames.filter((_name, bit) => isSet(bit)));
  });
}

/** The purposes as dotted object identifiers. */
export function extendedKeyUsage(fields: WithExtensions, source: string): ReadonlySet<string> | undefined {
  return readExtension(fields, ExtensionId.ExtendedKeyUsage, source, 'extKeyUsage', (value) => {
    const reader = DerReader.open(value, Tag.Sequence, 'extKeyUsage');
    const purposes = new Set<string>();
    do {
      purposes.add(reader.objectIdentifier('a key purpose'));
    } while (reader.nextTag !== undefined);
    return purposes;
  });
}

const rfc822Name = 0x81;
const dNSName = 0x82;
const uniformResourceIdentifier = 0x86;

export function subjectAltNames(fields: WithExtensions, source: string): SubjectAltNames {
  const dns: string[] = [];
  const uri: string[] = [];
  const email: string[] = [];
  readExtension(fields, ExtensionId.SubjectAltName, source, 'subjectAltName', (value) => {
    const reader = DerReader.open(value, Tag.Sequence, 'subjectAltName');
    do {
      const { tag, contents, offset } = reader.element('a subjectAltName');
      const list = { [dNSName]: dns, [uniformResourceIdentifier]: uri, [rfc822Name]: email }[tag];
      if (list !== undefined) {
        list.push(nameText(contents, offset));
      } else if (tag < 0x80 || tag > 0xa5) {
        throw new DerError(offset, `tag 0x${tag.toString(16)}, which no form of a subjectAltName has`);
      }
    } while (reader.nextTag !== undefined);
  });
  return { dns, uri, email };
}

/** Names without spaces and control characters, so that they can be printed and compared as they are. */
function nameText(contents: Buffer, offset: number): string {
  if (contents.length === 0 || !contents.every((octet) => octet > 0x20 && octet < 0x7f)) {
    throw new DerError(offset, 'a subjectAltName that is empty or has characters no such name may have');
  }
  return contents.toString('latin1');
}
