// SPDX-License-Identifier: MPL-2.0

import type { WorkerIdentity } from '../../src/engine/worker-protocol';
import { IssuedPki, RawClient, serverIdentifier } from './support/issued';
import { VectorEngine } from './support/vector-engine';

const now = Date.UTC(2026, 5, 1);

/** docs/protocol.md 4.1: how many contexts of one key are kept, and what becomes of the others. */
describe('the contexts of one key', () => {
  let server: WorkerIdentity;
  let alice: WorkerIdentity;
  let bob: WorkerIdentity;
  let engine: VectorEngine;

  beforeAll(async () => {
    const pki = await IssuedPki.create(now);
    server = await pki.issue('server', 'server');
    [alice, bob] = [await pki.issue('client', 'alice'), await pki.issue('client', 'bob')];
    const material = { identity: server, previous: [], trust: pki.trust() };
    engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, material });
    engine.now = now;
  });

  afterAll(() => engine.close());

  async function opened(identity: WorkerIdentity): Promise<RawClient> {
    const client = new RawClient(engine, identity, server);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
    return client;
  }

  test('are four: the fifth puts out the first, which a signed query opens anew', async () => {
    for (const identity of [alice, bob]) {
      expect(await new RawClient(engine, identity, server).request()).toMatchObject({ action: 'reply' });
    }
    const other = await opened(bob);
    const four: RawClient[] = [];
    for (let n = 0; n < 4; n += 1) {
      four.push(await opened(alice));
    }
    for (const context of four) {
      expect(await context.query(false)).toMatchObject({ action: 'replace' });
    }

    const fifth = await opened(alice);
    const [first, ...others] = four;
    expect(await first!.query(false)).toMatchObject({ action: 'drop', reason: 'query-unsigned' });
    for (const context of [...others, fifth, other]) {
      expect(await context.query(false)).toMatchObject({ action: 'replace' });
    }

    expect(await first!.query(true)).toMatchObject({ action: 'replace' });
    expect(await first!.query(false)).toMatchObject({ action: 'replace' });
    expect(await others[0]!.query(false)).toMatchObject({ action: 'drop', reason: 'query-unsigned' });
  });
});
