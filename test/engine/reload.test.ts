// SPDX-License-Identifier: MPL-2.0

import type { WorkerIdentity } from '../../src/engine/worker-protocol';
import { IssuedPki, RawClient, serverIdentifier } from './support/issued';
import { VectorEngine } from './support/vector-engine';

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
  engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, material });
  engine.now = now;
}

async function openContext(identity: WorkerIdentity): Promise<RawClient> {
  const client = new RawClient(engine, identity, server);
  expect(await client.request()).toMatchObject({ action: 'reply' });
  const verdict = await client.query(true);
  expect(await client.answer(verdict)).toBe(true);
  return client;
}

describe('a new certificate', () => {
  test('with the old key in previous-keys: contexts go on, and both keys open new ones', async () => {
    start();
    const client = await openContext(alice);
    engine.handler.adopt({ identity: next, previous: [server], trust: pki.trust() });
    const going = await client.query(false);
    expect(await client.answer(going)).toBe(true);
    client.turnTo(server);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
    client.turnTo(next);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  test('without it: its contexts are gone, and so is the key; the client goes on with the new one', async () => {
    start();
    const client = await openContext(alice);
    const going = await client.query(false);
    engine.handler.adopt({ identity: next, previous: [], trust: pki.trust() });
    expect(await client.answer(going)).toBe(false);
    expect(await client.query(false)).toMatchObject({ action: 'drop', reason: 'recipient-unknown' });
    client.turnTo(server);
    expect(await client.query(true)).toMatchObject({ action: 'drop', reason: 'recipient-unknown' });
    client.turnTo(next);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  test('signs the answers from then on', async () => {
    start();
    const client = new RawClient(engine, alice, server);
    const before = await client.request();
    engine.handler.adopt({ identity: next, previous: [], trust: pki.trust() });
    const after = await client.request();
    const carries = (verdict: typeof before, { chain }: WorkerIdentity): boolean =>
      verdict.action === 'reply' && verdict.octets.includes(Buffer.from(chain[0]!));
    expect([carries(before, server), carries(before, next)]).toEqual([true, false]);
    expect([carries(after, server), carries(after, next)]).toEqual([false, true]);
  });

  test('the same certificate again changes nothing', async () => {
    start();
    const client = await openContext(alice);
    engine.handler.adopt({ identity: { ...server }, previous: [], trust: pki.trust() });
    expect(await client.query(false)).toMatchObject({ action: 'replace' });
  });
});

describe('new trust material', () => {
  test('an anchor that is gone: nobody new comes in by it', async () => {
    start();
    const other = await IssuedPki.create(now, 'CN=other');
    const stranger = await other.issue('client', 'stranger');
    const client = new RawClient(engine, stranger, server);
    expect(await client.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust() });
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await new RawClient(engine, bob, server).request()).toMatchObject({
      action: 'drop',
      reason: 'authentication-fail',
    });
  });

  test('an anchor that is gone takes the contexts and records of those who came in by it', async () => {
    start();
    const client = await openContext(alice);
    const other = await IssuedPki.create(now, 'CN=other');
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust() });
    expect(await client.query(false)).toMatchObject({ action: 'drop' });
    client.turnTo(server);
    expect(await client.query(true)).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    // With the anchor back, what it vouched for is good again.
    engine.handler.adopt({ identity: server, previous: [], trust: pki.trust() });
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  test('a bare key is vouched for by nobody before and after', async () => {
    start();
    const client = await openContext({ ...alice, chain: [] });
    const other = await IssuedPki.create(now, 'CN=other');
    engine.handler.adopt({ identity: server, previous: [], trust: other.trust(await other.crl(1n)) });
    expect(await client.query(false)).toMatchObject({ action: 'replace' });
    client.turnTo(server);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  test('a CRL that revokes a client takes its context and its record, and nobody else’s', async () => {
    start(pki.trust(await pki.crl(1n)));
    const [revoked, kept] = [await openContext(alice), await openContext(bob)];
    const trust = pki.trust(await pki.crl(2n, alice));
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await revoked.query(false)).toMatchObject({ action: 'drop' });
    revoked.turnTo(server);
    expect(await revoked.query(true)).toMatchObject({ action: 'drop', reason: 'key-unknown' });
    expect(await revoked.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
    expect(await kept.query(false)).toMatchObject({ action: 'replace' });
    kept.turnTo(server);
    expect(await kept.query(true)).toMatchObject({ action: 'replace' });
  });

  test('without the CRL that is configured, nobody authenticates', async () => {
    start(pki.trust(await pki.crl(1n)));
    const client = new RawClient(engine, alice, server);
    expect(await client.request()).toMatchObject({ action: 'reply' });
    const trust = { ...pki.trust(), requireCrls: true };
    engine.handler.adopt({ identity: server, previous: [], trust });
    expect(await client.request()).toMatchObject({ action: 'drop', reason: 'authentication-fail' });
  });
});
