// SPDX-License-Identifier: MPL-2.0

import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { type DropReason, dropReasons } from '../../../src/engine/packet/drop-reasons';
import type { Verdict } from '../../../src/engine/packet/verdict';
import { packetKinds } from '../../../src/engine/metrics/packet-metrics';
import { EndEntity } from '../../../src/pki';
import { IssuedPki, RawClient, serverIdentifier } from '../support/issued';
import { VectorEngine } from '../support/vector-engine';

const now = Date.UTC(2026, 5, 1);

let pki: IssuedPki;
let server: WorkerIdentity;
let alice: WorkerIdentity;
let mallory: WorkerIdentity;
let engine: VectorEngine;

beforeAll(async () => {
  pki = await IssuedPki.create(now);
  server = await pki.issue('server', 'server');
  [alice, mallory] = [await pki.issue('client', 'alice'), await pki.issue('client', 'mallory')];
  const material = { identity: server, previous: [], trust: pki.trust() };
  engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, material, now });
});

afterAll(() => engine.close());

/** What is counted while something is done: kinds of messages, and reasons. */
async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const counts = () => {
    const { packets } = engine.handler.administration.answer({ topic: 'metrics' });
    const kinds = packetKinds.map((kind, at) => {
      const total = packets!.latencies[at]!.buckets.reduce((sum, count) => sum + count, 0);
      return [kind, total] as const;
    });
    return [...kinds, ...dropReasons.map((reason, at) => [reason, packets!.reasons[at]!] as const)];
  };
  const before = new Map<string, number>(counts());
  await work();
  const grown = counts().map(([name, count]) => [name, count - before.get(name)!] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

describe('a message is counted once, by its kind, and by the reason of its drop', () => {
  const refused = (kind: string, reason: DropReason) => ({ [kind]: 1, [reason]: 1 });

  test('an Encrypted-Request', async () => {
    expect(await counted(() => new RawClient(engine, alice).request())).toEqual({ request: 1 });
    const forged = () => new RawClient(engine, mallory).forgedRequest();
    expect(await counted(forged)).toEqual(refused('request', 'signature-fail'));
  });

  test('a query, and one that opens a context, served or refused', async () => {
    const client = new RawClient(engine, alice);
    await client.request();
    let opening: Verdict | undefined;
    expect(await counted(async () => (opening = await client.open()))).toEqual({ 'opening-query': 1 });
    await client.answer(opening!);
    expect(await counted(() => client.query())).toEqual({ query: 1 });
    const stranger = new RawClient(engine, mallory);
    await stranger.ask();
    expect(await counted(() => stranger.open())).toEqual(refused('opening-query', 'key-unknown'));
    engine.handler.administration.answer({ topic: 'forget', keyId: keyOf(alice) });
    expect(await counted(() => client.query())).toEqual({ query: 1 });
  });

  test('what is nothing of the protocol, or of the other solution', async () => {
    const receive = (octets: Buffer) => () => engine.receive(octets);
    expect(await counted(receive(Buffer.of(3, 0, 0, 7)))).toEqual(
      refused('other', 'unexpected-message-type'),
    );
    expect(await counted(receive(Buffer.alloc(0)))).toEqual(refused('other', 'malformed'));
    expect(await counted(receive(Buffer.of(1, 0, 0, 7)))).toEqual(refused('solicit', 'solution-mismatch'));
    expect(await counted(receive(Buffer.of(251, 0, 0, 7)))).toEqual(refused('query', 'option-missing'));
  });

  test("Kea's answer", async () => {
    const client = new RawClient(engine, alice);
    await client.request();
    const verdict = await client.open();
    expect(await counted(() => client.answer(verdict))).toEqual({ answer: 1 });
    expect(await counted(() => engine.seal(0, Buffer.of(7, 0, 0, 7)))).toEqual(
      refused('answer', 'answer-unexpected'),
    );
  });
});

describe('a failure is reported (docs/protocol.md 7)', () => {
  let reporting: VectorEngine;

  beforeEach(() => {
    const material = { identity: server, previous: [], trust: pki.trust() };
    reporting = new VectorEngine({
      server: 'server-P-256',
      serverIdentifier,
      material,
      now,
      policy: { reportFailures: true },
      blocklist: { count: 3, window: 60, duration: 120 },
    });
  });
  afterEach(() => reporting.close());

  test('of a request and of an opening query, and counts', async () => {
    const client = new RawClient(reporting, alice);
    await client.ask();
    expect(await client.open()).toMatchObject({ action: 'reply', reason: 'key-unknown' });
    expect(await client.forgedRequest()).toMatchObject({ action: 'reply', reason: 'signature-fail' });
  });

  test('but not to a source that is blocked', async () => {
    const client = new RawClient(reporting, alice);
    for (let n = 0; n < 3; n += 1) {
      await client.forgedRequest();
    }
    expect(await client.forgedRequest()).toMatchObject({ action: 'drop', reason: 'blocklisted' });
  });

  test('but not of a query in an open context', async () => {
    const client = new RawClient(reporting, alice);
    await client.ask();
    await client.answer(await client.open({ isShown: true }));
    reporting.now += 99 * 86_400_000;
    expect(await client.query()).toMatchObject({ action: 'drop', reason: 'key-unknown' });
  });
});

function keyOf({ chain }: WorkerIdentity): Uint8Array {
  return EndEntity.parse(Buffer.from(chain[0]!)).keyId;
}
