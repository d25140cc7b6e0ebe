// SPDX-License-Identifier: MPL-2.0
import { MessageType } from '../../../src/dhcpv6';
import { later, Queries } from '../attacks/support/forge';
import type { Party } from '../attacks/support/party';
import { Range } from '../attacks/support/range';

const workers = 2;
const blocklist = { count: 6, window: 600, duration: 600 };
const addresses = Array.from({ length: 8 }, (_, n) => `fe80::c:${n + 1}`);

/** What is one server on the wire is several workers inside (docs/protocol.md 4.1, 7). */
describe(`${workers} workers`, () => {
  let range: Range;
  let client: Party;

  beforeAll(async () => {
    const engine = { node: process.execPath, workers };
    range = await Range.open({ solution: 'A', parameters: { engine, blocklist } });
    client = await range.party('fe80::1:1');
    await client.authenticate('A');
    await client.lease();
  });

  afterAll(() => range.close());

  it('find a context by its identifier, whatever address its queries come from', async () => {
    const context = client.openContext();
    const renew = client.question(MessageType.Renew);
    await client.ask(context, client.opening(context, renew));
    for (const address of addresses) {
      const reply = await client.ask(context, client.later(context, renew), await range.wire.client(address));
      expect(reply.msgType).toBe(MessageType.Reply);
    }
  });

  it('keep as many contexts of a client at a time as it can need', async () => {
    const contexts = Array.from({ length: 16 }, () => client.openContext());
    const renew = client.question(MessageType.Renew);
    for (const context of contexts) {
      await client.ask(context, client.opening(context, renew));
    }
    for (const context of contexts) {
      const reply = await client.ask(context, client.later(context, renew));
      expect(reply.msgType).toBe(MessageType.Reply);
    }
  });

  it('block a source together that has failed with each of them', async () => {
    const source = await range.wire.client('fe80::f:1');
    const renew = client.question(MessageType.Renew);
    // Each unsigned in a context of its own: chance has them fall to both workers.
    const failing = (): Buffer => new Queries(range.server).query(later(renew));
    for (let failures = 0; failures < blocklist.count; failures += 1) {
      await range.refuses('query-unsigned', [failing()], source);
    }
    await range.refuses('blocklisted', Array.from({ length: 8 }, failing), source);
    const { arguments: listed } = await range.kea.command('encryption-blocklist-list', {
      from: 'start',
      limit: 10,
    });
    expect(listed).toMatchObject({ count: 1, sources: [{ address: 'fe80::f:1' }] });
    expect(await range.kea.command('encryption-blocklist-clear', {})).toMatchObject({
      result: 0,
      arguments: { count: 1 },
    });
    await range.refuses('query-unsigned', [failing()], source);
  });
});
