// SPDX-License-Identifier: MPL-2.0

import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { newKey, spkiOf } from '../../bridge/path/support/certificates';
import { utcTime } from '../../bridge/path/support/der';
import { Authority } from '../../bridge/path/support/pki';
import { IssuedPki, RawClient, serverIdentifier } from '../support/issued';
import { keyMaterialOf, VectorEngine } from '../support/vector-engine';

const now = Date.UTC(2026, 5, 1);

let pki: IssuedPki;
let server: WorkerIdentity;
let next: WorkerIdentity;
let alice: WorkerIdentity;
let bob: WorkerIdentity;
let engine: VectorEngine;

beforeAll(async () => {
  pki = await IssuedPki.create(now);
  [server, next] = [await pki.issue('server', 'server'), await pki.issue('server', 'server', 'P-384')];
  [alice, bob] = [await pki.issue('client', 'alice'), await pki.issue('client', 'bob')];
});

afterEach(() => engine.close());

function start(trust = pki.trust()): void {
  const material = { identity: server, previous: [], trust };
  engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, material, now });
}

async function openContext(identity: WorkerIdentity): Promise<RawClient> {
  const client = new RawClient(engine, identity);
  expect(await client.request()).toMatchObject({ action: 'reply' });
  const verdict = await client.open();
  expect(await client.answer(verdict)).toBe(true);
  return client;
}

describe('a new certificate', () => {
  /** As a session does it: the keys that go with the new certificate first. */
  function adoptNext(): void {
    engine.handler.adoptKeys(keyMaterialOf(now, { vectors: server, fresh: [next] }));
    engine.handler.adopt({ identity: next, previous: [], trust: pki.trust() });
  }

  test('leaves the keys that were told under the old one: contexts go on, and new ones are opened to both', async () => {
    start();
    const client = await openContext(alice);
    adoptNext();
    expect(await client.answer(await client.query())).toBe(true);
    expect(await client.open()).toMatchObject({ action: 'replace' });
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await client.answer(await client.open())).toBe(true);
  });

  test('signs the answers from then on, and tells its own keys', async () => {
    start();
    const client = new RawClient(engine, alice);
    const before = await client.ask();
    adoptNext();
    engine.now += 1;
    const after = await client.ask();
    const carries = (verdict: typeof before, { chain }: WorkerIdentity): boolean =>
      verdict.action === 'reply' && verdict.octets.includes(Buffer.from(chain[0]!));
    expect([carries(before, server), carries(before, next)]).toEqual([true, false]);
    expect([carries(after, server), carries(after, next)]).toEqual([false, true]);
    expect(await client.answer(await client.open({ isShown: true }))).toBe(true);
  });

  test('the same certificate again changes nothing', async () => {
    start();
    const client = await openContext(alice);
    engine.handler.adopt({ identity: { ...server }, previous: [], trust: pki.trust() });
    expect(await client.query()).toMatchObject({ action: 'replace' });
  });
});

describe('encryption keys', () => {
  test('that are gone take their contexts with them; the client is told the present one', async () => {
    start();
    const client = await openContext(alice);
    const going = await client.query();
    engine.handler.adoptKeys(keyMaterialOf(now, { fresh: [server] }));
    expect(await client.answer(going)).toBe(false);
    expect(await client.query()).toMatchObject({
      action: 'reply',
      text: expect.stringContaining('tag') as string,
    });
    expect(await client.open()).toMatchObject({ action: 'reply' });
    await client.ask();
    expect(await client.answer(await client.open())).toBe(true);
  });

  test('that stay keep their contexts, whatever comes besides', async () => {
    start();
    const client = await openContext(alice);
    engine.handler.adoptKeys(keyMaterialOf(now, { vectors: server, fresh: [next] }));
    expect(await client.query()).toMatchObject({ action: 'replace' });
  });
});

describe('new trust material', () => {
  test('an anchor that is gone: nobody new comes in by it', async () => {
    start();
    const other = await IssuedPki.create(now, 'CN=other');
    const stranger = await other.issue('client', 'stranger');
    const client = new RawClient(engine, stranger);
    expect(await client.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust() });
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await new RawClient(engine, bob).request()).toMatchObject({
      action: 'drop',
      reason: 'authentication-fail',
    });
  });

  test('an anchor that is gone takes the contexts and records of those who came in by it', async () => {
    start();
    const client = await openContext(alice);
    const other = await IssuedPki.create(now, 'CN=other');
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust() });
    expect(await client.query()).toMatchObject({ action: 'reply' });
    expect(await client.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    // With the anchor back, what it vouched for is good again.
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust() });
    expect(await client.open()).toMatchObject({ action: 'replace' });
  });

  test('a bare key is vouched for by nobody before and after', async () => {
    start();
    const client = await openContext({ ...alice, chain: [] });
    const other = await IssuedPki.create(now, 'CN=other');
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust(await other.crl(1n)) });
    expect(await client.query()).toMatchObject({ action: 'replace' });
    expect(await client.open()).toMatchObject({ action: 'replace' });
  });

  test('a CRL that revokes a client takes its context and its record, and nobody else’s', async () => {
    start(pki.trust(await pki.crl(1n)));
    const [revoked, kept] = [await openContext(alice), await openContext(bob)];
    const trust = pki.trust(await pki.crl(2n, alice));
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await revoked.query()).toMatchObject({ action: 'reply' });
    expect(await revoked.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await revoked.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    expect(await kept.query()).toMatchObject({ action: 'replace' });
    expect(await kept.open()).toMatchObject({ action: 'replace' });
  });

  test('without the CRL that is configured, nobody authenticates', async () => {
    start(pki.trust(await pki.crl(1n)));
    const client = new RawClient(engine, alice);
    expect(await client.request()).toMatchObject({ action: 'reply' });
    const trust = { ...pki.trust(), lapsedCrls: [await pki.crl(1n)] };
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await client.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
  });

  test('a list that is lost revokes on whom it revoked, and takes nobody else', async () => {
    const revoking = await pki.crl(2n, alice);
    start(pki.trust(await pki.crl(1n)));
    const [revoked, kept] = [await openContext(alice), await openContext(bob)];
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust(revoking) });
    engine.handler.adopt({
      identity: server,
      previous: [],
      trust: { ...pki.trust(), lapsedCrls: [revoking] },
    });
    expect(await revoked.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await kept.open()).toMatchObject({ action: 'replace' });
  });
});

/** RFC 5280 section 6.1: a path is good as long as each of its certificates is. */
describe('an authority between the trust anchor and the clients', () => {
  let issuing: IssuedPki;
  let sibling: IssuedPki;
  let carol: WorkerIdentity;
  let dave: WorkerIdentity;

  beforeAll(async () => {
    [issuing, sibling] = [await pki.below('CN=issuing'), await pki.below('CN=sibling')];
    [carol, dave] = [await issuing.issue('client', 'carol'), await sibling.issue('client', 'dave')];
  });

  const revoking = (number: bigint): Promise<Buffer> => pki.crl(number, { chain: issuing.authority.chain });

  test('that is revoked takes its clients’ contexts and records, and no sibling’s', async () => {
    start(pki.trust(await pki.crl(1n)));
    const [gone, kept] = [await openContext(carol), await openContext(dave)];
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust(await revoking(2n)) });
    expect(await gone.query()).toMatchObject({ action: 'reply' });
    expect(await gone.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await gone.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    expect(await kept.query()).toMatchObject({ action: 'replace' });
    expect(await kept.open()).toMatchObject({ action: 'replace' });
    expect(await kept.request()).toMatchObject({ action: 'reply' });
  });

  test('that is no longer revoked has them back', async () => {
    start(pki.trust(await pki.crl(1n)));
    const client = await openContext(carol);
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust(await revoking(2n)) });
    expect(await client.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust(await pki.crl(3n)) });
    expect(await client.open()).toMatchObject({ action: 'replace' });
  });

  test('that one list revokes and the one that decides does not: clients authenticate anew, and are served', async () => {
    start(pki.trust(await pki.crl(1n)));
    const client = await openContext(carol);
    const trust = pki.trust(await pki.crl(3n), await revoking(2n));
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await client.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await client.open()).toMatchObject({ action: 'replace' });
  });

  test('that has never had a list is not asked for one, and one that had is', async () => {
    start(pki.trust(await pki.crl(1n)));
    expect(await new RawClient(engine, carol).request()).toMatchObject({ action: 'reply' });
    const lapsedCrls = [await issuing.crl(1n)];
    const trust = { ...pki.trust(await pki.crl(1n)), lapsedCrls };
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await new RawClient(engine, carol).request()).toMatchObject({
      action: 'drop',
      reason: 'authentication-fail',
    });
    expect(await new RawClient(engine, dave).request()).toMatchObject({ action: 'reply' });
  });

  test('that ends takes its clients with it, in the middle of a context, though their certificates go on', async () => {
    const end = Math.floor(now / 1000) + 3600;
    const root = Authority.root();
    const short = root.authority('Short', { notAfter: utcTime(end) });
    const long = root.authority('Long');
    const member = (authority: Authority): WorkerIdentity => {
      const privateKey = newKey();
      const spki = spkiOf(privateKey);
      return { chain: [authority.endEntity({ spki }), authority.certificate], privateKey };
    };
    start({ anchors: [root.certificate], intermediates: [], crls: [], lapsedCrls: [] });
    const [ending, going] = [await openContext(member(short)), await openContext(member(long))];
    engine.now = end * 1000 - 1000;
    for (const client of [ending, going]) {
      expect(await client.query()).toMatchObject({ action: 'replace' });
    }
    engine.now = end * 1000 + 1000;
    expect(await ending.query()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await ending.open()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await ending.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    expect(await going.query()).toMatchObject({ action: 'replace' });
    expect(await going.open()).toMatchObject({ action: 'replace' });
  });
});
