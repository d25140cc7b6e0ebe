// SPDX-License-Identifier: MPL-2.0

import {
  type Authority,
  createCrl,
  EndEntity,
  type IssuedCertificate,
  loadTrustStore,
  type Purpose,
  readPemCertificates,
  readTrustAnchors,
  TrustStore,
} from '../../src/pki';
import { parsePem } from '../../src/pki/pem';
import { TestDirectory } from '../support/test-directory';
import { below, day, issue, now, root } from './support/authorities';
import { certificate, certificateWith, extension } from './support/certificate-parts';
import { bitString, element, oid, Oid, sequence } from './support/der';
import { pkiError } from './support/errors';
import { vectorKey, vectors, vectorsNow } from './support/vectors';

const directory = TestDirectory.forAllTests();

let authority: Authority;
let issuing: Authority;
let server: IssuedCertificate;

beforeAll(async () => {
  authority = await root();
  issuing = await below(authority);
  server = await issue(issuing);
});

const chainOf = ({ certificatePem }: { readonly certificatePem: string }) =>
  readPemCertificates(Buffer.from(certificatePem));
const derOf = (pem: string) => parsePem(Buffer.from(pem), 'crl').map(({ der }) => der);
const trust = (anchor: Authority, ...crls: readonly string[]) =>
  new TrustStore({ anchors: chainOf(anchor), intermediates: [], crls: crls.flatMap(derOf) });
const validate = (chain: readonly Buffer[], purpose: Purpose = 'server', time = now) =>
  trust(authority).validate(chain, purpose, time);

describe('a peer whose path leads to an anchor', () => {
  test('is accepted, and its certificate comes back', () => {
    const validation = validate(chainOf(server));
    expect(validation).toMatchObject({ accepted: true });
    expect(validation.accepted && validation.endEntity.subject).toBe('CN=host');
  });

  test('is accepted with its intermediates in any order', async () => {
    const middle = await below(authority, { subject: 'CN=middle', pathLength: 1 });
    const lowest = await below(middle, { subject: 'CN=lowest' });
    const [end, first, second] = chainOf(await issue(lowest));
    expect(validate([end!, second!, first!]).accepted).toBe(true);
  });

  test('is accepted where the intermediate is configured instead of shown', () => {
    const store = new TrustStore({ anchors: chainOf(authority), intermediates: chainOf(issuing), crls: [] });
    expect(store.validate(chainOf(server).slice(0, 1), 'server', now).accepted).toBe(true);
  });

  test.each(Object.keys(vectors.keys))('%s of the protocol vectors', (name) => {
    const anchors = readTrustAnchors(Buffer.from(vectors.trust_anchor_pem));
    const store = new TrustStore({ anchors, intermediates: [], crls: [] });
    const chain = readPemCertificates(Buffer.from(vectorKey(name).certificate_chain_pem));
    const role = name.startsWith('server') ? 'server' : 'client';
    const other = name.startsWith('server') ? 'client' : 'server';
    expect(store.validate(chain, role, vectorsNow).accepted).toBe(true);
    expect(store.validate(chain, other, vectorsNow)).toMatchObject({ rule: 'extended-key-usage' });
  });
});

describe('a peer is refused, and the rule is named', () => {
  const refused = { accepted: false, code: 'authentication-fail' };

  test('its role is another', () => {
    expect(validate(chainOf(server), 'client')).toMatchObject({
      ...refused,
      rule: 'extended-key-usage',
      depth: 0,
      message: expect.stringContaining('certificate 0 (CN=host)') as string,
    });
  });

  test('its intermediate is missing', () => {
    expect(validate(chainOf(server).slice(0, 1))).toMatchObject({ ...refused, rule: 'issuer-unknown' });
  });

  test('its anchor is another of the same name', async () => {
    const impostor = await root();
    expect(trust(impostor).validate(chainOf(server), 'server', now)).toMatchObject(refused);
  });

  test('it is not yet valid, or has expired', () => {
    const { notBefore, notAfter } = EndEntity.parse(server.certificate);
    expect(validate(chainOf(server), 'server', notBefore.getTime()).accepted).toBe(true);
    expect(validate(chainOf(server), 'server', notBefore.getTime() - 1000)).toMatchObject({
      ...refused,
      rule: 'not-yet-valid',
    });
    expect(validate(chainOf(server), 'server', notAfter.getTime()).accepted).toBe(true);
    expect(validate(chainOf(server), 'server', notAfter.getTime() + 1000)).toMatchObject({
      ...refused,
      rule: 'expired',
      depth: 0,
    });
  });

  test('its issuer has expired', async () => {
    const short = await below(authority, { days: 10 });
    const [end] = chainOf(await issue(short, { days: 10 }));
    const validation = validate([end!, ...chainOf(short)], 'server', now + 11 * day);
    expect(validation).toMatchObject({ ...refused, rule: 'expired' });
  });

  test('somebody changed it', () => {
    const altered = Buffer.from(server.certificate);
    altered.write('HOST', altered.indexOf('host'));
    const validation = validate([altered, ...chainOf(server).slice(1)]);
    expect(validation).toMatchObject({ ...refused, rule: 'signature' });
  });

  test('its issuer is no authority', async () => {
    const [end] = chainOf(server);
    const leaf = await issue(authority, { subject: 'CN=issuing' });
    expect(validate([end!, leaf.certificate])).toMatchObject(refused);
  });

  test('it is no certificate, or nothing', () => {
    const malformed = { ...refused, rule: 'certificate-malformed', depth: 0 };
    expect(validate([])).toMatchObject(malformed);
    expect(validate([Buffer.from('text')])).toMatchObject(malformed);
    expect(validate([Buffer.concat([server.certificate, Buffer.of(0)])])).toMatchObject(malformed);
  });

  test('an octet follows its intermediate', () => {
    const [end, intermediate] = chainOf(server);
    const validation = validate([end!, Buffer.concat([intermediate!, Buffer.of(0)])]);
    expect(validation).toMatchObject(refused);
  });

  test('there are more certificates than a message carries', () => {
    const [end, intermediate] = chainOf(server);
    const chain = (count: number) => [end!, ...Array.from({ length: count - 1 }, () => intermediate!)];
    expect(validate(chain(8)).accepted).toBe(true);
    expect(validate(chain(9))).toMatchObject(refused);
  });

  test('its key is of a kind that is not supported', () => {
    const ed25519 = sequence(sequence(oid('2b6570')), bitString(0, ...Buffer.alloc(32, 1)));
    expect(validate([certificate({ subjectPublicKeyInfo: ed25519 })])).toMatchObject({
      accepted: false,
      code: 'algorithm-not-supported',
      rule: 'algorithm-not-supported',
    });
  });

  test('it is revoked', async () => {
    const { serial } = EndEntity.parse(server.certificate);
    const list = (anchor: Authority, ...serials: readonly string[]) => {
      const date = new Date(now);
      const revocations = serials.map(
        (number) => ({ serial: number, date, reason: 'keyCompromise' }) as const,
      );
      return createCrl({ authority: anchor, number: 1n, revocations, days: 30, now });
    };
    const ofRoot = await list(authority);
    const good = trust(authority, ofRoot, await list(issuing, '01'));
    expect(good.validate(chainOf(server), 'server', now).accepted).toBe(true);
    const bad = trust(authority, ofRoot, await list(issuing, serial));
    expect(bad.validate(chainOf(server), 'server', now)).toMatchObject({
      ...refused,
      rule: 'revoked',
      depth: 0,
    });
  });

  test('a list is missing or overdue where lists are used', async () => {
    const crl = (anchor: Authority) =>
      createCrl({ authority: anchor, number: 1n, revocations: [], days: 30, now });
    const both = trust(authority, await crl(authority), await crl(issuing));
    expect(both.validate(chainOf(server), 'server', now).accepted).toBe(true);
    expect(both.validate(chainOf(server), 'server', now + 31 * day)).toMatchObject({
      rule: 'crl-expired',
    });
    const lists = [authority, issuing].map(async (anchor) => derOf(await crl(anchor)));
    const [own, issuings] = await Promise.all(lists);
    const one = { anchors: chainOf(authority), intermediates: [], crls: own! };
    // An issuer that never had one is not asked for one, one that had is.
    expect(new TrustStore(one).validate(chainOf(server), 'server', now).accepted).toBe(true);
    expect(
      new TrustStore({ ...one, lapsedCrls: issuings! }).validate(chainOf(server), 'server', now),
    ).toMatchObject({ rule: 'crl-missing' });
  });
});

describe('a store from files', () => {
  const files = () => ({
    anchors: [directory.write('anchors.pem', authority.certificatePem)],
    intermediates: [directory.write('intermediates.pem', issuing.certificatePem)],
    crls: [],
  });

  test('is a store', () => {
    const store = loadTrustStore(files());
    expect(store.validate(chainOf(server).slice(0, 1), 'server', now).accepted).toBe(true);
  });

  test('reads its files anew each time', async () => {
    const names = files();
    const before = loadTrustStore(names);
    directory.write('anchors.pem', (await root()).certificatePem);
    const after = loadTrustStore(names);
    expect(before.validate(chainOf(server), 'server', now).accepted).toBe(true);
    expect(after.validate(chainOf(server), 'server', now).accepted).toBe(false);
  });

  test('does not trust an end entity', () => {
    const path = directory.write('leaf.pem', server.certificatePem);
    expect(pkiError(() => loadTrustStore({ ...files(), anchors: [path] }))).toMatchObject({
      code: 'not-an-authority',
      source: `${path}, line 1`,
    });
  });

  test('names the file that is missing', () => {
    const path = directory.file('missing.crl');
    expect(pkiError(() => loadTrustStore({ ...files(), crls: [path] }))).toMatchObject({
      code: 'file-unreadable',
      source: path,
    });
  });

  test('names the file whose contents OpenSSL cannot take', () => {
    // Well-formed DER with a subjectPublicKeyInfo that is not one.
    const der = certificateWith(extension(Oid.basicConstraints, sequence(element(0x01, Buffer.of(0xff)))));
    const odd = certificate({ subjectPublicKeyInfo: sequence(), rest: [] });
    expect(() =>
      loadTrustStore({ ...files(), intermediates: [directory.write('fine.der', der)] }),
    ).not.toThrow();
    const path = directory.write('odd.der', odd);
    expect(pkiError(() => loadTrustStore({ ...files(), intermediates: [path] }))).toMatchObject({
      code: 'certificate-malformed',
      source: path,
    });
  });
});
