// SPDX-License-Identifier: MPL-2.0

import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { IssuedPki, RawClient, serverIdentifier } from '../support/issued';
import { VectorEngine } from '../support/vector-engine';

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

  test('are sixteen: one more puts out the first, which is not opened again', async () => {
    for (const identity of [alice, bob]) {
      expect(await new RawClient(engine, identity, server).request()).toMatchObject({ action: 'reply' });
    }
    const other = await opened(bob);
    const kept: RawClient[] = [];
    for (let n = 0; n < 16; n += 1) {
      kept.push(await opened(alice));
    }
    for (const context of kept) {
      expect(await context.query(false)).toMatchObject({ action: 'replace' });
    }

    const last = await opened(alice);
    const [first, ...others] = kept;
    // Neither by a query that needs the context, nor by one that could open it: its numbers are forgotten.
    for (const isSigned of [false, true]) {
      expect(await first!.query(isSigned)).toMatchObject({ action: 'drop', reason: 'replayed' });
    }
    for (const context of [...others, last, other]) {
      expect(await context.query(false)).toMatchObject({ action: 'replace' });
    }
  });
});
