// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import * as fc from 'fast-check';
import { extension, ids, newKey, rsaSpki, validity } from './support/certificates';
import { explicit, integer, octetString, oid, sequence, set, utf8 } from './support/der';
import { authority, Authority, dns, root, verdictOf, verify, withExtension } from './support/pki';

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));

const names = (count: number) =>
  withExtension(ids.subjectAltName, true, sequence(...times(count, (i) => dns(`h${String(i)}.example`))));
const subtrees = (count: number) =>
  withExtension(
    ids.nameConstraints,
    true,
    sequence(explicit(1, ...times(count, (i) => sequence(dns(`x${String(i)}.example`))))),
  );
const attributes = (count: number) => ({
  subject: sequence(...times(count, (i) => set(sequence(oid('2.5.4.11'), utf8(String(i)))))),
});

describe('what a peer can make grow is refused before it costs anything', () => {
  test.each<[string, readonly Buffer[], string]>([
    ['no certificate', [], '0 no-certificate'],
    ['nine certificates', times(9, () => authority.certificate), '0 too-many-certificates'],
    ['a thousand certificates', times(1000, () => authority.certificate), '0 too-many-certificates'],
    [
      'a certificate of more than 16384 octets',
      [authority.endEntity(withExtension('1.2.3', true, Buffer.alloc(16384)))],
      '0 certificate-too-large',
    ],
    ['one of a megabyte', [Buffer.alloc(1 << 20)], '0 certificate-too-large'],
    [
      '65 extensions',
      [
        authority.endEntity({
          extensions: Object.fromEntries(
            times(62, (i) => {
              const id = `1.2.3.${String(i)}`;
              return [id, extension(id, false, integer(1))];
            }),
          ),
        }),
      ],
      '0 too-complex',
    ],
    ['257 names', [authority.endEntity(names(256))], '0 too-complex'],
    ['65 attributes', [authority.endEntity(attributes(65))], '0 too-complex'],
    [
      '257 subtrees',
      [authority.endEntity(), root.authorityCertificate('X', rsaSpki(2048), subtrees(257))],
      '1 too-complex',
    ],
    [
      '65 policies',
      [
        authority.endEntity(
          withExtension(
            ids.certificatePolicies,
            true,
            sequence(...times(65, (i) => sequence(oid(`1.2.${String(i)}`)))),
          ),
        ),
      ],
      '0 too-complex',
    ],
    [
      '65 policy mappings',
      [
        authority.endEntity(),
        root.authorityCertificate(
          'X',
          rsaSpki(2048),
          withExtension(
            ids.policyMappings,
            true,
            sequence(...times(65, (i) => sequence(oid(`1.2.${String(i)}`), oid('1.2.3')))),
          ),
        ),
      ],
      '1 too-complex',
    ],
    [
      '65 distribution points',
      [
        authority.endEntity(
          withExtension(
            '2.5.29.31',
            true,
            sequence(...times(65, () => sequence(explicit(2, explicit(4, sequence()))))),
          ),
        ),
      ],
      '0 too-complex',
    ],
    [
      '65 key purposes',
      [
        authority.endEntity(
          withExtension(ids.extKeyUsage, true, sequence(...times(65, (i) => oid(`1.2.${String(i)}`)))),
        ),
      ],
      '0 too-complex',
    ],
    [
      '33 levels',
      [Buffer.from(times(34, () => 0).reduce((inner) => sequence(inner), octetString(Buffer.alloc(1))))],
      '0 malformed',
    ],
    [
      'an intermediate with an RSA key of 16384 bits',
      [authority.endEntity(), root.authorityCertificate('X', rsaSpki(16384))],
      '1 key-size',
    ],
    [
      'an intermediate with an RSA exponent of 2048 bits',
      [authority.endEntity(), root.authorityCertificate('X', rsaSpki(2048, 2n ** 2047n + 1n))],
      '1 key-size',
    ],
  ])('%s', async (_name, chain, verdict) => {
    await expect(verdictOf(chain)).resolves.toBe(verdict);
  });

  test('just as many are accepted', async () => {
    await expect(verdictOf([authority.endEntity(names(255)), authority.certificate])).resolves.toBe(
      'accepted',
    );
    await expect(
      verdictOf([authority.endEntity({ ...attributes(64) }), authority.certificate]),
    ).resolves.toBe('accepted');
    const constrained = root.authority('Constrained', subtrees(256));
    await expect(verdictOf([constrained.endEntity(), constrained.certificate])).resolves.toBe('accepted');
  });

  test('names times subtrees along the path', async () => {
    let issuer: Authority = root;
    const certificates: Buffer[] = [];
    for (let i = 0; i < 4; ++i) {
      issuer = issuer.authority(`Authority ${String(i)}`, subtrees(200));
      certificates.unshift(issuer.certificate);
    }
    const path = (count: number) => [issuer.endEntity(names(count)), ...certificates];
    await expect(verdictOf(path(50))).resolves.toBe('accepted');
    await expect(verdictOf(path(100))).resolves.toBe('5 too-complex');
  });
});

test('a policy tree that grows with every authority', async () => {
  const policies = times(60, (i) => `1.2.${String(i)}`);
  const listed = extension(
    ids.certificatePolicies,
    false,
    sequence(...policies.map((policy) => sequence(oid(policy)))),
  );
  const mapped = times(64, (i) => sequence(oid(policies[i % 8]!), oid(policies[(i * 7) % 60]!)));
  const mapping = extension(ids.policyMappings, true, sequence(...mapped));
  const extensions = { [ids.certificatePolicies]: listed, [ids.policyMappings]: mapping };
  let issuer: Authority = root;
  const certificates: Buffer[] = [];
  for (let i = 0; i < 7; ++i) {
    issuer = issuer.authority(`Authority ${String(i)}`, { extensions });
    certificates.unshift(issuer.certificate);
  }
  const endEntity = issuer.endEntity({ extensions: { [ids.certificatePolicies]: listed } });
  await expect(verdictOf([endEntity, ...certificates])).resolves.toBe('0 too-complex');
});

describe('any octets', () => {
  const chain = [authority.endEntity(), authority.certificate];
  const trust = { crls: [root.crl(), authority.crl()] };

  test('every octet of the end entity flipped: refused, with a rule of its own', async () => {
    const [good, issuer] = chain as [Buffer, Buffer];
    const verdicts = await Promise.all(
      [0x01, 0x80].flatMap((bit) =>
        times(good.length, (i) => {
          const bad = Buffer.from(good);
          bad[i]! ^= bit;
          return verdictOf([bad, issuer], {}, trust);
        }),
      ),
    );
    expect(verdicts.filter((verdict) => verdict === 'accepted' || verdict.includes('internal'))).toEqual([]);
  });

  test('every octet of the authority flipped: refused', async () => {
    const [good, issuer] = chain as [Buffer, Buffer];
    const verdicts = await Promise.all(
      times(issuer.length, (i) => {
        const bad = Buffer.from(issuer);
        bad[i]! ^= 0x01;
        return verdictOf([good, bad], {}, trust);
      }),
    );
    expect(verdicts.filter((verdict) => verdict === 'accepted' || verdict.includes('internal'))).toEqual([]);
  });

  test('every octet of a CRL flipped: refused, or no CRL at all', async () => {
    const good = authority.crl({ revoked: [{ serial: integer(5) }] });
    // With an octet of its issuer's name flipped it is another issuer's.
    const all = { revocation: 'all' } as const;
    const verdicts = await Promise.all(
      times(good.length, async (i) => {
        const bad = Buffer.from(good);
        bad[i]! ^= 0x01;
        return verdictOf(chain, all, { crls: [root.crl(), bad] }).catch((error: unknown) => String(error));
      }),
    );
    expect(verdicts.filter((verdict) => verdict === 'accepted' || verdict.includes('internal'))).toEqual([]);
  });

  test('cut anywhere: malformed', async () => {
    const [good, issuer] = chain as [Buffer, Buffer];
    const verdicts = await Promise.all(times(good.length, (i) => verdictOf([good.subarray(0, i), issuer])));
    expect(new Set(verdicts)).toEqual(new Set(['0 malformed']));
  });

  test('at random: never accepted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 9 }), async (octets) => {
        const result = await verify(octets.map((one) => Buffer.from(one)));
        expect(result.accepted).toBe(false);
      }),
    );
  });

  test('spliced from good certificates: never accepted', async () => {
    const parts = [...chain, root.certificate, root.crl()];
    const piece = fc.tuple(fc.nat(parts.length - 1), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 2, maxLength: 5 }), async (pieces) => {
        const spliced = Buffer.concat(
          pieces.map(([which, from, to]) => parts[which]!.subarray(from % 500, to % 500)),
        );
        fc.pre(!spliced.equals(chain[0]!));
        const result = await verify([spliced, authority.certificate]);
        expect(result.accepted).toBe(false);
      }),
    );
  });
});

test('hundreds of verifications at once, in all orders, agree with each other', async () => {
  const expired = authority.endEntity({ serial: integer(0) });
  const foreign = Authority.root({}, newKey(), 'Foreign');
  const trust = { crls: [root.crl(), authority.crl()] };
  const jobs: [readonly Buffer[], string][] = [
    [[authority.endEntity(), authority.certificate], 'accepted'],
    [[expired, authority.certificate], '0 serial-number'],
    [[foreign.endEntity(), foreign.certificate], '1 self-signed'],
    [[authority.endEntity()], '0 issuer-unknown'],
  ];
  const all = times(400, (i) => jobs[i % jobs.length]!);
  const verdicts = await Promise.all(all.map(([chain]) => verdictOf(chain, { time: validity.now }, trust)));
  expect(verdicts).toEqual(all.map(([, verdict]) => verdict));
});
