// SPDX-License-Identifier: MPL-2.0

import type { Stopwatch } from '../../../src/engine/admission/stopwatch';
import type { Verdict } from '../../../src/engine/packet/verdict';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { IssuedPki, RawClient, type RawSource, serverIdentifier } from '../support/issued';
import { VectorEngine, type VectorEngineOptions } from '../support/vector-engine';

const now = Date.UTC(2026, 5, 1);
const blocklist = { count: 10, window: 60, duration: 120 };

let pki: IssuedPki;
let server: WorkerIdentity;
let alice: WorkerIdentity;
let bob: WorkerIdentity;
let mallory: WorkerIdentity;
let engine: VectorEngine;

beforeAll(async () => {
  pki = await IssuedPki.create(now);
  server = await pki.issue('server', 'server');
  [alice, bob] = [await pki.issue('client', 'alice'), await pki.issue('client', 'bob')];
  mallory = await (await IssuedPki.create(now, 'CN=other')).issue('client', 'mallory');
});

afterEach(() => engine.close());

function start(options: Partial<VectorEngineOptions> = {}): void {
  const material = { identity: server, previous: [], trust: pki.trust() };
  engine = new VectorEngine({
    server: 'server-P-256',
    serverIdentifier,
    material,
    blocklist,
    now,
    ...options,
  });
}

/** Each operation takes that long. */
function ticking(milliseconds: number): Stopwatch {
  return () => () => milliseconds;
}

function client(identity: WorkerIdentity, source?: RawSource): RawClient {
  return new RawClient(engine, identity, source);
}

async function openContext(identity: WorkerIdentity, source?: RawSource): Promise<RawClient> {
  const opened = client(identity, source);
  expect(await opened.request()).toMatchObject({ action: 'reply' });
  expect(await opened.answer(await opened.open())).toBe(true);
  return opened;
}

/** Forged requests from addresses that differ, until one is refused for the time that they took. */
async function flood(source: (n: number) => RawSource): Promise<number> {
  for (let n = 0; n < 200; n += 1) {
    const verdict = await client(mallory, source(n)).forgedRequest();
    if (isLimited(verdict)) {
      return n;
    }
  }
  throw new Error('nothing was limited');
}

function isLimited(verdict: Verdict): boolean {
  return verdict.action === 'drop' && verdict.reason === 'rate-limited';
}

const behind = (relay: number, link: number, host: number): RawSource => ({
  address: `fe80::${host.toString(16)}`,
  relay: { address: `2001:db8:${relay}::1`, linkAddress: `2001:db8:${relay}:${link}::1` },
});

describe('the time that senders without proof may cost (docs/protocol.md 7)', () => {
  test('a flood from invented addresses ends, and comes back with time', async () => {
    start({ stopwatch: ticking(20) });
    const admitted = await flood((n) => ({ address: `fe80::${(n + 1).toString(16)}` }));
    expect(admitted).toBeGreaterThan(5);
    expect(admitted).toBeLessThan(25);
    engine.now += 60_000;
    expect(await client(bob, { address: 'fe80::ffff' }).request()).toMatchObject({ action: 'reply' });
  });

  test('does not touch open contexts, nor what comes with a verified cookie', async () => {
    start({ stopwatch: ticking(20) });
    const known = await openContext(alice, { address: 'fe80::a' });
    known.cookie = known.lastCookie;
    engine.now += 10_000;
    await flood((n) => ({ address: `fe80::1:${(n + 1).toString(16)}` }));
    expect(isLimited(await client(bob, { address: 'fe80::b' }).request())).toBe(true);
    for (let n = 0; n < 50; n += 1) {
      expect(await known.query()).toMatchObject({ action: 'replace' });
    }
    expect(await known.open()).toMatchObject({ action: 'replace' });
    expect(await known.request()).toMatchObject({ action: 'reply' });
  });

  test('is shared: a flooded link leaves time to other links, a flooding relay to other relays', async () => {
    start({ stopwatch: ticking(20) });
    await flood((n) => behind(1, 1, n + 1));
    expect(isLimited(await client(bob, behind(1, 1, 0xffff)).request())).toBe(true);
    expect(await client(alice, behind(1, 2, 1)).request()).toMatchObject({ action: 'reply' });
    await flood((n) => behind(1, 100 + n, 1));
    expect(isLimited(await client(bob, behind(1, 3, 1)).request())).toBe(true);
    expect(await client(bob, behind(2, 1, 1)).request()).toMatchObject({ action: 'reply' });
  });
});

describe('for a while the hook need not ask', () => {
  const pauseOf = (verdict: Verdict) => (verdict.action === 'drop' ? verdict.pause : undefined);

  test('about a source that is ignored, where it brings no cookie', async () => {
    start();
    const reachable = client(mallory);
    await reachable.ask();
    for (let n = 0; n < 10; n += 1) {
      expect(pauseOf(await client(mallory).forgedRequest())).toBeUndefined();
    }
    const paused = { scope: 'source', milliseconds: 20 };
    expect(pauseOf(await client(alice).request())).toEqual(paused);
    expect(pauseOf(await client(alice).open())).toEqual(paused);
    reachable.cookie = reachable.lastCookie;
    for (let n = 0; n < 10; n += 1) {
      await reachable.forgedRequest();
    }
    const ignored = await reachable.request();
    expect(ignored).toMatchObject({ reason: 'blocklisted' });
    expect(pauseOf(ignored)).toBeUndefined();
  });

  test('about whoever has spent the time: a link, what brings its messages, or all', async () => {
    start({ stopwatch: ticking(20) });
    const scopeFor = async (source: RawSource) => pauseOf(await client(bob, source).request())?.scope;
    await flood((n) => behind(1, 1, n + 1));
    expect(await scopeFor(behind(1, 1, 0xffff))).toBe('link');
    await flood((n) => behind(1, 100 + n, 1));
    expect(await scopeFor(behind(1, 3, 1))).toBe('origin');
    await flood((n) => behind(2, 100 + n, 1));
    expect(await scopeFor(behind(3, 1, 1))).toBe('all');
  });
});

describe('the attempts of one source', () => {
  test('that fail lead to the blocklist, and with count 0 to nothing', async () => {
    start();
    const reasons = async (): Promise<string[]> => {
      const verdicts: Verdict[] = [];
      for (let n = 0; n < 40; n += 1) {
        verdicts.push(await client(mallory).forgedRequest());
      }
      return [...new Set(verdicts.map((verdict) => (verdict.action === 'drop' ? verdict.reason : '')))];
    };
    expect(await reasons()).toEqual(['signature-fail', 'blocklisted']);
    await engine.close();
    start({ blocklist: { ...blocklist, count: 0 } });
    expect(await reasons()).toEqual(['signature-fail']);
  });

  test('that succeed are not limited', async () => {
    start();
    const one = client(alice);
    for (let n = 0; n < 60; n += 1) {
      expect(await one.request()).toMatchObject({ action: 'reply' });
      expect(await one.open()).toMatchObject({ action: 'replace' });
    }
  });

  test('with ever new bare keys are limited', async () => {
    start();
    let served = 0;
    for (let n = 0; n < 40; n += 1) {
      const verdict = await client({ ...(await pki.issue('client', 'bare')), chain: [] }).request();
      served += verdict.action === 'reply' ? 1 : 0;
    }
    expect(served).toBe(20);
  });

  test('blocked, it is still served in its open context', async () => {
    start();
    const opened = await openContext(alice);
    for (let n = 0; n < 10; n += 1) {
      await client(mallory).forgedRequest();
    }
    expect(await opened.request()).toMatchObject({ action: 'drop', reason: 'blocklisted' });
    expect(await opened.query()).toMatchObject({ action: 'replace' });
    expect(await opened.open()).toMatchObject({ action: 'drop', reason: 'blocklisted' });
    expect(await client(bob, { address: 'fe80::b' }).request()).toMatchObject({ action: 'reply' });
  });
});

describe('the limits of a cookie (docs/protocol.md 7)', () => {
  const source = { address: 'fe80::a' };

  /** A client of that source with a cookie of its own: they differ by the second that they were made in. */
  async function withCookie(identity: WorkerIdentity): Promise<RawClient> {
    const one = client(identity, source);
    await one.ask();
    one.cookie = one.lastCookie;
    engine.now += 1000;
    return one;
  }

  async function fail(one: RawClient, times: number): Promise<Verdict> {
    for (let n = 1; n < times; n += 1) {
      await one.forgedRequest();
    }
    return one.forgedRequest();
  }

  test('are its own: what fails without a cookie in its source’s name does not touch them', async () => {
    start();
    const reachable = await withCookie(alice);
    expect(await fail(client(mallory, source), 11)).toMatchObject({ reason: 'blocklisted' });
    expect(await client(bob, source).request()).toMatchObject({ reason: 'blocklisted' });
    expect(await reachable.request()).toMatchObject({ action: 'reply' });
    expect(await reachable.open()).toMatchObject({ action: 'replace' });
  });

  test('do not touch those of its source, nor of another cookie', async () => {
    start();
    const [failing, other] = [await withCookie(mallory), await withCookie(alice)];
    expect(await fail(failing, 11)).toMatchObject({ reason: 'blocklisted' });
    expect(await other.request()).toMatchObject({ action: 'reply' });
    expect(await client(bob, source).request()).toMatchObject({ action: 'reply' });
  });

  test('are ten times those of a source for all cookies of a source, and another source has its own', async () => {
    start({ blocklist: { ...blocklist, window: 600 } });
    const other = client(bob, { address: 'fe80::b' });
    await other.ask();
    other.cookie = other.lastCookie;
    for (let n = 0; n < 10; n += 1) {
      const last = await withCookie(alice);
      expect(await last.request()).toMatchObject({ action: 'reply' });
      await fail(await withCookie(mallory), 10);
    }
    expect(await (await withCookie(alice)).request()).toMatchObject({ reason: 'blocklisted' });
    expect(await client(alice, source).request()).toMatchObject({ action: 'reply' });
    expect(await other.request()).toMatchObject({ action: 'reply' });
  });

  test('hold for attempts that do not succeed, too', async () => {
    start();
    const bare = async (cookie: Buffer | undefined): Promise<boolean> => {
      const one = client({ ...(await pki.issue('client', 'bare')), chain: [] }, source);
      one.cookie = cookie;
      return !isLimited(await one.request());
    };
    const { cookie } = await withCookie(alice);
    let served = 0;
    for (let n = 0; n < 30; n += 1) {
      served += (await bare(undefined)) ? 1 : 0;
    }
    expect(served).toBeLessThan(30);
    expect(await bare(cookie)).toBe(true);
  });
});
