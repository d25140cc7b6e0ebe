// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { PathStore, verifyPath } from '../../../src/bridge';
import {
  algorithms,
  authorityKeyIdentifier,
  type CrlFields,
  crlNumber,
  extension,
  type Extension,
  ids,
  keyUsage,
  name,
  newKey,
  usage,
  validity,
} from './support/certificates';
import { explicit, implicit, integer, integerOctets, nothing, sequence, tlv, utcTime } from './support/der';
import { authority, Authority, root, verdictOf, verify } from './support/pki';

const serial = integer(1001);
const endEntity = authority.endEntity({ serial });
const chain = [endEntity, authority.certificate];
const rootCrl = root.crl();

const base = [authorityKeyIdentifier(authority.spki)];
const withNumber = (number: number, ...more: readonly Extension[]) => [...base, crlNumber(number), ...more];
const revoked = [{ serial }];

/** The verdict with these CRLs of the authority beside a good one of the root. */
function withCrls(...crls: readonly Partial<CrlFields>[]): Promise<string> {
  return verdictOf(chain, {}, { crls: [rootCrl, ...crls.map((one) => authority.crl(one))] });
}

describe('RFC 5280 section 6.3: CRLs', () => {
  test('of every authority on the path are needed where all are asked', async () => {
    const all = { revocation: 'all' } as const;
    await expect(verdictOf(chain, all, { crls: [rootCrl, authority.crl()] })).resolves.toBe('accepted');
    await expect(verdictOf(chain, all, { crls: [rootCrl] })).resolves.toBe('0 crl-missing');
    await expect(verdictOf(chain, all, { crls: [authority.crl()] })).resolves.toBe('1 crl-missing');
  });

  const other = Authority.root({}, newKey(), 'Other');
  const ended = [utcTime(validity.now - 1)];

  test.each<[string, readonly Buffer[]]>([
    ['the root alone', [rootCrl]],
    ['the authority alone', [authority.crl()]],
    ['another root alone', [other.crl()]],
    ['another root, which is over', [other.crl({ nextUpdate: ended })]],
  ])('of an issuer that never had one are not asked for: there is one of %s', async (_name, crls) => {
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe('accepted');
  });

  test.each<[string, readonly Buffer[], string]>([
    ['is over', [authority.crl({ nextUpdate: ended })], '0 crl-expired'],
    ['cannot be used', [authority.crl({ nextUpdate: [] })], '0 crl-next-update'],
    ['is forged', [authority.crl({}, newKey())], '0 crl-signature'],
    ['of the root is over', [root.crl({ nextUpdate: ended })], '1 crl-expired'],
  ])('of an issuer whose only one %s are asked for', async (_name, crls, verdict) => {
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe(verdict);
  });

  test('that were there once, and are no more, are missing, and revoke', async () => {
    const lapsedCrls = [authority.crl({ revoked })];
    await expect(verdictOf(chain, {}, { lapsedCrls })).resolves.toBe('0 crl-missing');
    await expect(verdictOf(chain, {}, { lapsedCrls: [other.crl()] })).resolves.toBe('accepted');
    const result = await verify(chain);
    const [digest = nothing] = result.accepted ? result.path : [];
    const anchors = [root.certificate];
    expect(new PathStore({ anchors, lapsedCrls }).lists(digest)).toBe(true);
    expect(new PathStore({ anchors, lapsedCrls: [authority.crl()] }).lists(digest)).toBe(false);
  });

  test('are looked into unless the caller says otherwise', async () => {
    const trust = { crls: [rootCrl, authority.crl({ revoked })] };
    await expect(verdictOf(chain, {}, trust)).resolves.toBe('0 revoked');
    await expect(verdictOf(chain, { revocation: 'none' }, trust)).resolves.toBe('accepted');
    await expect(verdictOf(chain, {}, {})).resolves.toBe('accepted');
    await expect(verdictOf(chain, { revocation: 'all' }, {})).resolves.toMatch(/crl-missing$/);
  });

  test('revoke an authority', async () => {
    const crls = [root.crl({ revoked: [{ serial: integer(4711) }] }), authority.crl()];
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe('1 revoked');
  });

  test('do not revoke another serial number, nor one of another issuer', async () => {
    await expect(withCrls({ revoked: [{ serial: integer(1002) }] })).resolves.toBe('accepted');
    const crls = [root.crl({ revoked }), authority.crl()];
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe('accepted');
  });

  test('are not needed for a trust anchor that another authority issued', async () => {
    const trust = { anchors: [authority.certificate], crls: [authority.crl()] };
    await expect(verdictOf([endEntity], {}, trust)).resolves.toBe('accepted');
    await expect(verdictOf([endEntity], {}, { ...trust, crls: [authority.crl({ revoked })] })).resolves.toBe(
      '0 revoked',
    );
  });

  test('say nothing about a trust anchor, whatever they are (section 6.1)', async () => {
    const own = integer(4711);
    const onlyUsers = extension(
      ids.issuingDistributionPoint,
      true,
      sequence(implicit(1, Buffer.from([0xff]))),
    );
    const direct = root.endEntity({ serial });
    for (const crl of [
      root.crl({ revoked: [{ serial: own }] }),
      root.crl({ extensions: [authorityKeyIdentifier(root.spki), crlNumber(7), onlyUsers] }),
    ]) {
      for (const revocation of ['listed', 'all'] as const) {
        await expect(verdictOf([direct], { revocation }, { crls: [crl] })).resolves.toBe('accepted');
      }
    }
    // Beside another root's, of whose path the anchor is none either.
    await expect(
      verdictOf([direct], { revocation: 'all' }, { crls: [root.crl({ nextUpdate: ended })] }),
    ).resolves.toBe('0 crl-expired');
    const crossed = {
      anchors: [authority.certificate],
      crls: [authority.crl(), root.crl({ revoked: [{ serial: own }] })],
    };
    await expect(verdictOf([endEntity], { revocation: 'all' }, crossed)).resolves.toBe('accepted');
  });

  test.each<[string, Partial<CrlFields>, string]>([
    ['expired', { nextUpdate: [utcTime(validity.now - 1)] }, 'crl-expired'],
    ['not yet valid', { thisUpdate: utcTime(validity.now + 1) }, 'crl-not-yet-valid'],
    ['without a next update', { nextUpdate: [] }, 'crl-next-update'],
    ['signed with SHA-1', { algorithm: algorithms.ecdsaWithSha1, hash: 'sha1' }, 'crl-signature-algorithm'],
    ['with a signature that is none', { signature: Buffer.alloc(70, 1) }, 'crl-signature'],
    ['of version 1', { version: [], extensions: [] }, 'crl-version'],
    [
      'with a critical CRL number',
      { extensions: [...base, extension(ids.crlNumber, true, integer(1))] },
      'crl-number',
    ],
    [
      'with a negative CRL number',
      { extensions: [...base, extension(ids.crlNumber, false, integerOctets(Buffer.from([0xff])))] },
      'crl-number',
    ],
    [
      'with a CRL number of 21 octets',
      { extensions: [...base, extension(ids.crlNumber, false, integerOctets(Buffer.alloc(21, 1)))] },
      'crl-number',
    ],
    ['with an extension twice', { extensions: withNumber(1, crlNumber(2)) }, 'crl-extension'],
    [
      'with an unknown critical extension',
      { extensions: withNumber(1, extension('1.2.3.4', true, nothing)) },
      'crl-extension',
    ],
    [
      'with an unknown critical extension of an entry',
      { revoked: [{ serial: integer(5), extensions: [extension('1.2.3.4', true, nothing)] }] },
      'crl-extension',
    ],
    [
      'with a distribution point that is not critical',
      {
        extensions: withNumber(
          1,
          extension(ids.issuingDistributionPoint, false, sequence(implicit(1, Buffer.from([0xff])))),
        ),
      },
      'crl-extension',
    ],
    [
      'for authorities only',
      {
        extensions: withNumber(
          1,
          extension(ids.issuingDistributionPoint, true, sequence(implicit(2, Buffer.from([0xff])))),
        ),
      },
      'crl-scope',
    ],
  ])('%s', async (_name, changes, code) => {
    await expect(withCrls(changes)).resolves.toMatch(new RegExp(`^0 (${code}|crl-missing)$`));
    // Nor does it say so less clearly than it can.
    if (code !== 'crl-scope') {
      await expect(withCrls(changes)).resolves.toBe(`0 ${code}`);
    }
  });

  test('without a number are taken where they are complete, and warned of (section 5.2.3)', async () => {
    await expect(withCrls({ extensions: base })).resolves.toBe('accepted');
    await expect(withCrls({ extensions: base, revoked })).resolves.toBe('0 revoked');
    const result = await verify(chain, {}, { crls: [rootCrl, authority.crl({ extensions: base })] });
    expect(result).toMatchObject({
      warnings: ['the CRL of CN=Authority: no CRL number (RFC 5280 section 5.2.3)'],
    });
    expect(await verify(chain, {}, { crls: [rootCrl, authority.crl()] })).toMatchObject({ warnings: [] });
  });

  test('of the issuer that cannot be used refuse, even beside a good one', async () => {
    await expect(withCrls({}, { nextUpdate: [], revoked })).resolves.toBe('0 crl-next-update');
  });

  test('of somebody else that cannot be used are of no concern', async () => {
    const crls = [rootCrl, authority.crl(), other.crl({ nextUpdate: [] })];
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe('accepted');
  });

  test('an expired one beside a valid one is history', async () => {
    const old = { nextUpdate: [utcTime(validity.now - 1)], extensions: withNumber(6) };
    await expect(withCrls(old, {})).resolves.toBe('accepted');
    await expect(withCrls({}, old)).resolves.toBe('accepted');
  });

  test('the newer of two valid ones counts', async () => {
    const newer = { thisUpdate: utcTime(validity.notBefore + 60), extensions: withNumber(8), revoked };
    await expect(withCrls({}, newer)).resolves.toBe('0 revoked');
    await expect(withCrls(newer, {})).resolves.toBe('0 revoked');
  });

  test('signed with another key of the same name are refused', async () => {
    const crls = [rootCrl, authority.crl({ extensions: [crlNumber(1)] }, newKey())];
    await expect(verdictOf(chain, {}, { crls })).resolves.toBe('0 crl-signature');
  });

  test('of an authority that may not sign CRLs are refused', async () => {
    const mute = root.authority('Mute', { extensions: { [ids.keyUsage]: keyUsage(usage.keyCertSign) } });
    const crls = [rootCrl, mute.crl()];
    await expect(verdictOf([mute.endEntity(), mute.certificate], {}, { crls })).resolves.toBe('0 crl-issuer');
  });

  test('trust no issuer whose path is not good', async () => {
    // An indirect CRL whose issuer is named in the certificate, but is certified by nobody.
    const point = sequence(explicit(2, explicit(4, name('Indirect'))));
    const pointed = authority.endEntity({
      serial,
      extensions: {
        '2.5.29.31': extension('2.5.29.31', false, sequence(point)),
      },
    });
    const indirect = extension(
      ids.issuingDistributionPoint,
      true,
      sequence(implicit(4, Buffer.from([0xff]))),
    );
    const make = (issuer: Authority) => [
      rootCrl,
      issuer.crl({ extensions: [authorityKeyIdentifier(issuer.spki), crlNumber(1), indirect] }),
    ];
    const key = newKey();
    const certified = root.authority('Indirect', {}, key);
    const rogue = Authority.root({}, newKey(), 'Indirect');
    const path = [pointed, authority.certificate];
    await expect(verdictOf([...path, certified.certificate], {}, { crls: make(certified) })).resolves.toBe(
      'accepted',
    );
    await expect(verdictOf([...path, rogue.certificate], {}, { crls: make(rogue) })).resolves.toBe(
      '0 crl-issuer',
    );
    await expect(verdictOf(path, {}, { crls: make(certified) })).resolves.toBe('0 crl-missing');
    const faulty = root.authority('Indirect', { serial: integer(0) }, key);
    await expect(verdictOf([...path, faulty.certificate], {}, { crls: make(faulty) })).resolves.toMatch(
      /serial-number$/,
    );
  });
});

describe('RFC 5280 section 5.2.4: delta CRLs', () => {
  const indicator = (number: number) => extension(ids.deltaCrlIndicator, true, integer(number));
  const freshest = extension(
    ids.freshestCrl,
    false,
    sequence(sequence(explicit(0, explicit(0, implicit(6, 'http://x/'))))),
  );
  const onHold = (reason: number) => [
    { serial, extensions: [extension('2.5.29.21', false, tlv(0x0a, Buffer.from([reason])))] },
  ];
  const delta = (number: number, from: number, entries: CrlFields['revoked'] = []): Partial<CrlFields> => ({
    extensions: withNumber(number, indicator(from)),
    revoked: entries,
    thisUpdate: utcTime(validity.notBefore + number),
  });

  test.each([
    ['that the complete CRL points to', withNumber(7, freshest)],
    ['that nothing points to', withNumber(7)],
  ])('%s revoke', async (_name, extensions) => {
    await expect(withCrls({ extensions }, delta(8, 7))).resolves.toBe('accepted');
    await expect(withCrls({ extensions }, delta(8, 7, revoked))).resolves.toBe('0 revoked');
    await expect(withCrls({ extensions }, delta(8, 6, revoked))).resolves.toBe('0 revoked');
  });

  test('the newest of several counts, in whatever order they come', async () => {
    const complete = { extensions: withNumber(7, freshest) };
    await expect(withCrls(complete, delta(8, 7), delta(9, 7, revoked))).resolves.toBe('0 revoked');
    await expect(withCrls(delta(9, 7, revoked), complete, delta(8, 7))).resolves.toBe('0 revoked');
  });

  test('older than the complete CRL are history', async () => {
    await expect(withCrls({ extensions: withNumber(9) }, delta(8, 7, revoked))).resolves.toBe('accepted');
  });

  test('take a hold back', async () => {
    const complete = { extensions: withNumber(7, freshest), revoked: onHold(6) };
    await expect(withCrls(complete)).resolves.toBe('0 revoked');
    await expect(withCrls(complete, delta(8, 7, onHold(8)))).resolves.toBe('accepted');
  });

  test('alone are not enough', async () => {
    await expect(withCrls(delta(8, 7))).resolves.toBe('0 crl-missing');
  });

  test('without a number are refused', async () => {
    const nameless = { ...delta(8, 7), extensions: [...base, indicator(7)] };
    await expect(withCrls({}, nameless)).resolves.toBe('0 crl-number');
  });

  test('beside a complete CRL without a number revoke, and take nothing back', async () => {
    const complete = { extensions: [...base, freshest] };
    await expect(withCrls(complete, delta(8, 7))).resolves.toBe('accepted');
    await expect(withCrls(complete, delta(8, 7, revoked))).resolves.toBe('0 revoked');
    await expect(withCrls({ ...complete, revoked: onHold(6) }, delta(8, 7, onHold(8)))).resolves.toBe(
      '0 revoked',
    );
  });

  test('that are not marked critical are refused', async () => {
    const odd = { extensions: withNumber(8, extension(ids.deltaCrlIndicator, false, integer(7))) };
    await expect(withCrls({}, odd)).resolves.toBe('0 crl-extension');
  });
});

describe('a store', () => {
  test.each<[string, () => unknown]>([
    ['anchors[1]', () => new PathStore({ anchors: [root.certificate, Buffer.from('x')] })],
    ['anchors[0]', () => new PathStore({ anchors: [Buffer.concat([root.certificate, Buffer.alloc(1)])] })],
    ['intermediates[0]', () => new PathStore({ anchors: [], intermediates: [rootCrl] })],
    ['crls[1]', () => new PathStore({ anchors: [], crls: [rootCrl, root.certificate] })],
    ['crls[0]', () => new PathStore({ anchors: [], crls: [Buffer.concat([rootCrl, Buffer.alloc(1)])] })],
    ['anchors', () => new PathStore({ anchors: 'x' as unknown as Buffer[] })],
    ['crls', () => new PathStore({ anchors: [], crls: [1 as unknown as Buffer] })],
    ['lapsedCrls[0]', () => new PathStore({ anchors: [], lapsedCrls: [root.certificate] })],
  ])('names %s that is wrong', (place, make) => {
    expect(make).toThrow(new RegExp(`^${place.replace(/[[\]]/g, '\\$&')}: `));
  });

  test('names arguments of a verification that are wrong', async () => {
    await expect(verify(chain, { purpose: 'both' as 'any' })).rejects.toThrow(/^purpose: /);
    await expect(verify(chain, { revocation: 'some' as 'all' })).rejects.toThrow(/^revocation: /);
    expect(() => new PathStore({ anchors: [] }).lists(Buffer.alloc(15))).toThrow(/^certificate: /);
    await expect(verify(chain, { time: -1 })).rejects.toThrow(/^time: /);
    await expect(verify(chain, { time: Number.NaN })).rejects.toThrow(/^time: /);
    await expect(verify(chain, { policies: [] })).rejects.toThrow(/^policies: /);
    await expect(verify(chain, { policies: ['anything'] })).rejects.toThrow(/^policies: /);
    await expect(verify(['x' as unknown as Buffer])).rejects.toThrow(/^chain: /);
    await expect(verify('x' as unknown as Buffer[])).rejects.toThrow(/^chain: /);
  });

  test('keeps what it was given when the octets change', () => {
    const anchor = Buffer.from(root.certificate);
    const store = new PathStore({ anchors: [anchor] });
    anchor.fill(0);
    expect(verifyPath({ chain, purpose: 'client', time: validity.now }, store)).toMatchObject({
      accepted: true,
    });
  });
});

test('entries in a CRL are found among many', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => ({ serial: integer(2000 + 3 * i) }));
  const big = authority.crl({ revoked: many });
  for (const [number, verdict] of [
    [2000, '0 revoked'],
    [2001, 'accepted'],
    [16997, '0 revoked'],
  ] as const) {
    const one = [authority.endEntity({ serial: integer(number) }), authority.certificate];
    await expect(verdictOf(one, {}, { crls: [rootCrl, big] })).resolves.toBe(verdict);
  }
});
