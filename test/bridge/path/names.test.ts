// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import * as fc from 'fast-check';
import { canonicalName, PathStore } from '../../../src/bridge';
import { type CrlFields, crlNumber, extension, ids, name, newKey } from './support/certificates';
import { explicit, implicit, integer, oid, sequence, set, tlv, utcTime } from './support/der';
import { Authority, root, verdictOf, verify } from './support/pki';

/** Of X.680: the types of string that a name is written in. */
const types = { utf8: 0x0c, numeric: 0x12, printable: 0x13, t61: 0x14, ia5: 0x16, bmp: 0x1e } as const;

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const commonName = '2.5.4.3';
const attribute = (type: number, text: Buffer | string, id = commonName): Buffer =>
  sequence(oid(id), tlv(type, Buffer.from(text)));
const one = (type: number, text: Buffer | string): Buffer => sequence(set(attribute(type, text)));
const plain = one(types.utf8, 'Issuing CA');

/** RFC 5280 section 7.1, as OpenSSL carries it out. */
describe('names', () => {
  test.each<[string, Buffer]>([
    ['another type of string', one(types.printable, 'Issuing CA')],
    ['a BMPString', one(types.bmp, utf16('Issuing CA'))],
    ['a T61String', one(types.t61, 'Issuing CA')],
    ['other case', one(types.printable, 'ISSUING ca')],
    ['white space at its ends', one(types.utf8, '  Issuing CA ')],
    ['more white space inside', one(types.utf8, 'Issuing \t  CA')],
  ])('are the same with %s', (_, other) => {
    expect(canonicalName(other)).toEqual(canonicalName(plain));
  });

  test.each<[string, Buffer]>([
    ['other text', one(types.utf8, 'Issuing CB')],
    ['no space', one(types.utf8, 'IssuingCA')],
    ['a type that is not compared as text', one(types.numeric, 'Issuing CA')],
    ['the text of another attribute', sequence(set(attribute(types.utf8, 'Issuing CA', '2.5.4.10')))],
    ['one attribute more', sequence(set(attribute(types.utf8, 'Issuing CA'), attribute(types.utf8, 'x')))],
    ['its attribute twice', sequence(...[1, 2].map(() => set(attribute(types.utf8, 'Issuing CA'))))],
    ['nothing', sequence()],
  ])('are others with %s', (_, other) => {
    expect(canonicalName(other)).not.toEqual(canonicalName(plain));
  });

  test('keep the order of their parts, and the case of what is not ASCII', () => {
    const parts = [attribute(types.utf8, 'a'), attribute(types.utf8, 'b')];
    const [first, second] = [sequence(...parts.map((part) => set(part))), sequence(set(...parts))];
    const [third] = [sequence(...[...parts].reverse().map((part) => set(part)))];
    expect(new Set([first, second, third].map((der) => canonicalName(der).toString('hex'))).size).toBe(3);
    expect(canonicalName(one(types.utf8, 'É'))).not.toEqual(canonicalName(one(types.utf8, 'é')));
    expect(canonicalName(one(types.utf8, 'É'))).toEqual(canonicalName(one(types.bmp, utf16('É'))));
  });

  test('in canonical form stay as they are, and so does what is no name', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 4 }), (texts) => {
        const canonical = canonicalName(sequence(...texts.map((text) => set(attribute(types.utf8, text)))));
        expect(canonicalName(canonical)).toEqual(canonical);
      }),
    );
    for (const none of [Buffer.alloc(0), Buffer.of(0x30), Buffer.concat([plain, Buffer.alloc(1)])]) {
      expect(canonicalName(none)).toEqual(none);
    }
  });

  test('agree with the paths and CRLs that OpenSSL finds by them', async () => {
    const key = newKey();
    const authority = root.authority('Issuing CA', {}, key);
    const spellings = [
      ['utf8', 'Issuing CA'],
      ['printable', 'issuing  ca'],
      ['bmp', 'ISSUING CA '],
      ['numeric', 'Issuing CA'],
      ['ia5', 'Issuing CB'],
    ] as const;
    const verdicts = spellings.map(async ([type, text]) => {
      const issuer = one(types[type], type === 'bmp' ? utf16(text) : text);
      const spelt = new Authority(issuer, key, authority.certificate, authority.spki);
      const verdict = await verdictOf([spelt.endEntity(), authority.certificate]);
      return [verdict === 'accepted', canonicalName(issuer).equals(canonicalName(plain))];
    });
    expect(await Promise.all(verdicts)).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, false],
      [false, false],
    ]);
  });
});

describe('the digests of a path', () => {
  const key = newKey();
  const authority = root.authority('Authority', { serial: integer(77) }, key);
  const chain = [authority.endEntity({ serial: integer(1001) }), authority.certificate];

  async function digests(certificates = chain): Promise<readonly Buffer[]> {
    const result = await verify(certificates, { revocation: 'none' });
    if (!result.accepted) {
      throw new Error(result.message);
    }
    return result.path;
  }

  /** Which certificates of the path, by their place, CRLs list. */
  async function listed(...crls: readonly Buffer[]): Promise<number[]> {
    const store = new PathStore({ anchors: [root.certificate], crls });
    const path = await digests();
    return [0, 1].filter((depth) => store.lists(path[depth] ?? Buffer.alloc(0)));
  }

  const entries = (...serials: readonly number[]): Partial<CrlFields> => ({
    revoked: serials.map((serial) => ({ serial: integer(serial) })),
  });

  test('name every certificate but the trust anchor, and are the same for the same certificates', async () => {
    const path = await digests();
    expect(path).toHaveLength(2);
    expect(path.map(({ length }) => length)).toEqual([16, 16]);
    expect(await digests()).toEqual(path);
    const other = [authority.endEntity({ serial: integer(1002) }), authority.certificate];
    const [leaf, above] = await digests(other);
    expect([leaf?.equals(path[0]!), above?.equals(path[1]!)]).toEqual([false, true]);
  });

  test('are in the lists of the certificates’ issuers, in no other’s, and by their serial numbers', async () => {
    expect(await listed()).toEqual([]);
    expect(await listed(authority.crl(entries(1001)), root.crl(entries(77)))).toEqual([0, 1]);
    expect(await listed(authority.crl(entries(77)), root.crl(entries(1001)))).toEqual([]);
    expect(await listed(authority.crl(entries(1002)), root.crl(entries(78)))).toEqual([]);
    expect(await listed(authority.crl(entries(3, 1001, 2)), root.crl(entries(1, 2)))).toEqual([0]);
  });

  test('are in a list whose issuer is spelt in another way', async () => {
    const spelt = new Authority(one(types.printable, 'AUTHORITY '), key, authority.certificate);
    expect(await listed(spelt.crl(entries(1001)))).toEqual([0]);
  });

  test('are in a list that cannot be used', async () => {
    expect(await listed(authority.crl({ ...entries(1001), nextUpdate: [] }))).toEqual([0]);
  });

  test('are in an indirect list, in which an entry names its issuer for those behind it (section 5.3.3)', async () => {
    const by = (issuer: string) => [
      extension(ids.certificateIssuer, true, sequence(explicit(4, name(issuer)))),
    ];
    const indirect = (revoked: CrlFields['revoked']): Buffer =>
      Authority.root({}, newKey(), 'Indirect').crl({
        revoked,
        extensions: [
          crlNumber(1),
          extension(ids.issuingDistributionPoint, true, sequence(implicit(4, Buffer.from([0xff])))),
        ],
      });
    const [first, second] = [{ serial: integer(900) }, { serial: integer(1001) }];
    expect(await listed(indirect([{ ...first, extensions: by('Authority') }, second]))).toEqual([0]);
    expect(await listed(indirect([first, second]))).toEqual([]);
    expect(
      await listed(
        indirect([
          { serial: integer(2), extensions: by('Authority') },
          { serial: integer(77), extensions: by('Root') },
          second,
        ]),
      ),
    ).toEqual([1]);
    // And it speaks for its entries' issuers: they are asked for a list then.
    const crls = [indirect([{ ...first, extensions: by('Authority') }])];
    await expect(verdictOf(chain, {}, { crls })).resolves.toMatch(/^0 crl-/);
    await expect(verdictOf(chain, {}, { crls: [indirect([first])] })).resolves.toBe('accepted');
  });
});

describe('the end of a path', () => {
  test.each<[string, number, number, number, number]>([
    ['the end entity', 100, 200, 300, 100],
    ['the authority', 200, 100, 300, 100],
    ['the trust anchor', 300, 200, 100, 100],
  ])('is that of %s, which ends first', async (_, leaf, middle, anchor, first) => {
    const now = 1_750_000_000;
    const at = (days: number) => ({ notAfter: utcTime(now + days * 86_400) });
    const top = Authority.root(at(anchor), newKey(), 'Top');
    const issuing = top.authority('Issuing', at(middle));
    const chain = [issuing.endEntity(at(leaf)), issuing.certificate];
    const trust = { anchors: [top.certificate] };
    const end = now + first * 86_400;
    expect(await verify(chain, { time: now }, trust)).toMatchObject({ accepted: true, notAfter: end });
    expect(await verify(chain, { time: end }, trust)).toMatchObject({ accepted: true });
    expect(await verify(chain, { time: end + 1 }, trust)).toMatchObject({ accepted: false, code: 'expired' });
  });
});
