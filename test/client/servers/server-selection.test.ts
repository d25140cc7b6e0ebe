// SPDX-License-Identifier: MPL-2.0

import { ContextKeeper, type Lease } from '../../../src/client';
import type { PacketPolicy } from '../../../src/engine/settings/packet-policy';
import { addresses, type ClientUnderTest, setUp, types, type Setup } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';
import type { Gives } from '../support/plain-kea';

const one = Buffer.from('00030001000000000001', 'hex');
const two = Buffer.from('00030001000000000002', 'hex');

const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

/** Two servers, `one` answering first. */
function pair(first: Gives, second: Gives, policy: Partial<PacketPolicy> = {}): [EngineServer, EngineServer] {
  const made: [EngineServer, EngineServer] = [
    new EngineServer('server-P-256', one, policy, first),
    new EngineServer('server-P-384', two, policy, second),
  ];
  servers.push(...made);
  return made;
}

function bothAnswer(pairOfServers: readonly EngineServer[]): Setup['answer'] {
  return async (octets, now) =>
    (await Promise.all(pairOfServers.map((server) => server.answer(Buffer.from(octets), now)))).flat();
}

const [address, other] = ['2001:db8::1', '2001:db8::2'];

describe.each(['A', 'B'] as const)('solution %s, two authenticated servers (section 5)', (solution) => {
  test.each([
    ['the higher preference is chosen', 1, 200, two],
    ['whichever answers first', 200, 1, one],
    ['of equal ones the first', 7, 7, one],
    ['no preference is 0', undefined, 1, two],
  ])('%s', async (_, first, second, chosen) => {
    const both = pair(
      { address, ...(first !== undefined && { preference: first }) },
      { address: other, preference: second },
      { solution },
    );
    const { client } = setUp({ solution, answer: bothAnswer(both) });
    const lease = await client.obtain();
    expect(lease.serverIdentifier).toBe(chosen.toString('hex'));
    expect(addresses(lease)).toEqual([chosen === one ? address : other]);
  });

  test('the chosen server has nothing to give: the next one', async () => {
    const both = pair({ address, preference: 1 }, { address: undefined, preference: 9 }, { solution });
    const { client, notices } = setUp({ solution, answer: bothAnswer(both) });
    expect((await client.obtain()).serverIdentifier).toBe(one.toString('hex'));
    expect(notices.join('\n')).toContain('no address or prefix to give');
  });

  test('none has anything to give: both are named', async () => {
    const both = pair({ address: undefined }, { address: undefined }, { solution });
    const { client } = setUp({ solution, answer: bothAnswer(both) });
    await expect(client.obtain()).rejects.toMatchObject({ code: 'no-usable-configuration' });
  });
});

describe.each(['A', 'B'] as const)(
  'solution %s, a lease that is given to somebody else meanwhile',
  (solution) => {
    const moved = (of: { to: string | undefined }, preference: number): Gives => ({
      preference,
      get address() {
        return of.to;
      },
    });

    test.each(['renew', 'rebind'] as const)('%s says that it has ended', async (exchange) => {
      const given: { to: string | undefined } = { to: address };
      const both = pair(moved(given, 9), moved(given, 1), { solution });
      const { client } = setUp({ solution, answer: bothAnswer(both) });
      const lease = await client.obtain();
      given.to = undefined;
      await expect(client[exchange](lease)).rejects.toMatchObject({
        code: 'lease-ended',
        message: expect.stringContaining('has ended the lease'),
      });
    });

    test('another server that has one for it is heard when it rebinds', async () => {
      const [first, second]: { to: string | undefined }[] = [{ to: address }, { to: address }];
      const both = pair(moved(first!, 9), moved(second!, 1), { solution });
      const { client } = setUp({ solution, answer: bothAnswer(both) });
      const lease = await client.obtain();
      first!.to = undefined;
      second!.to = other;
      const rebound = await client.rebind(lease);
      expect([rebound.serverIdentifier, addresses(rebound)]).toEqual([two.toString('hex'), [other]]);
    });
  },
);

describe.each(['A', 'B'] as const)('solution %s, a lease that any server extends', (solution) => {
  /** A lease of `two`; both servers authenticate themselves, but from then on the queries to some are not answered. */
  async function leasedByTwo(
    silent: readonly Buffer[],
  ): Promise<ClientUnderTest & { readonly lease: Lease }> {
    const both = pair({ address: other, preference: 1 }, { address, preference: 9 }, { solution });
    const mute: Buffer[] = [];
    const answer: Setup['answer'] = async (octets, now) => {
      const isUnheard = octets[0] === 251 && mute.some((server) => octets.includes(server));
      return isUnheard ? [] : bothAnswer(both)(octets, now, 0, 'plain');
    };
    const made = setUp({ solution, answer });
    const lease = await made.client.obtain();
    mute.push(...silent);
    return { ...made, lease };
  }

  test('the answer that extends it is taken, and not what another server grants, though that comes first', async () => {
    const { client, lease, link } = await leasedByTwo([]);
    expect(lease.serverIdentifier).toBe(two.toString('hex'));
    const before = link.sent.length;
    const rebound = await client.rebind(lease);
    expect([rebound.serverIdentifier, addresses(rebound)]).toEqual([two.toString('hex'), [address]]);
    const queries = link.sent.slice(before).filter(([type]) => type === 251);
    // To both at once, with one transaction-id.
    expect(queries).toHaveLength(2);
    expect(new Set(queries.map((octets) => octets.readUIntBE(1, 3))).size).toBe(1);
  });

  test('what another server grants is taken where none extends it in time', async () => {
    const { client, lease, environment } = await leasedByTwo([two]);
    const before = environment.monotonic();
    expect((await client.rebind(lease, 7200)).serverIdentifier).toBe(one.toString('hex'));
    // One time-out of a Rebind (RFC 8415 section 7.6).
    expect(environment.monotonic() - before).toBeLessThan(12_500);
    expect(await client.confirm(lease)).toBe(true);
  });

  test('where none says anything, it fails when the time is over', async () => {
    const { client, lease } = await leasedByTwo([one, two]);
    await expect(client.rebind(lease, 60)).rejects.toMatchObject({ code: 'no-usable-configuration' });
    await expect(client.confirm(lease)).rejects.toMatchObject({ code: 'no-answer' });
  });
});

describe("A: a Renew is for the lease's server", () => {
  /** Two servers; the lease is of the one that answers second, and answers only some of the Encrypted-Requests. */
  async function leased(
    answers: (request: number) => boolean,
  ): Promise<ClientUnderTest & { readonly lease: Lease }> {
    const both = pair({ address }, { address: other, preference: 9 });
    let requests = 0;
    const made = setUp({
      answer: async (octets, now) => {
        const first = await both[0].answer(Buffer.from(octets), now);
        requests += octets[0] === 253 ? 1 : 0;
        return octets[0] === 253 && !answers(requests)
          ? first
          : [...first, ...(await both[1].answer(octets, now))];
      },
    });
    const lease = await made.client.obtain();
    // One that has no open context with it.
    return { ...made, client: made.next({ contexts: new ContextKeeper() }), lease };
  }

  test('whose answer ends the wait for others', async () => {
    const { client, environment, lease } = await leased(() => true);
    const before = environment.monotonic();
    expect((await client.renew(lease)).serverIdentifier).toBe(two.toString('hex'));
    expect(environment.monotonic() - before).toBe(0);
  });

  test('which may be slower than others', async () => {
    const { client, lease } = await leased((request) => request === 1 || request === 4);
    expect((await client.renew(lease)).serverIdentifier).toBe(two.toString('hex'));
  });

  test('but not for ever', async () => {
    const { client, lease } = await leased((request) => request === 1);
    await expect(client.renew(lease)).rejects.toMatchObject({ code: 'no-server' });
  });
});

test('A: the maximum preference ends the wait for other offers', async () => {
  const both = pair({ address, preference: 255 }, { address: other, preference: 255 });
  const { client, link, environment } = setUp({
    answer: async (octets, now) =>
      octets[0] === 251 && octets.includes(two) ? [] : bothAnswer(both)(octets, now, 0, 'plain'),
  });
  const before = environment.monotonic();
  expect((await client.obtain()).serverIdentifier).toBe(one.toString('hex'));
  expect(environment.monotonic() - before).toBeLessThan(1200);
  expect(types(link)).toEqual([253, 251, 251, 251]);
});

test('A: a server that stops answering after its offer is followed by the next, and by one that was slow', async () => {
  const both = pair({ address, preference: 9 }, { address: other });
  let queriesToTwo = 0;
  const { client } = setUp({
    answer: async (octets, now) => {
      const isTo = (server: Buffer): boolean => octets[0] === 251 && octets.includes(server);
      if (isTo(two) && (queriesToTwo += 1) === 1) {
        return [];
      }
      // The first server answers its Solicit and no Request.
      const answers = isTo(one) && queriesToTwo > 0 ? [] : await both[0].answer(Buffer.from(octets), now);
      return [...answers, ...(await both[1].answer(octets, now))];
    },
  });
  expect((await client.obtain()).serverIdentifier).toBe(two.toString('hex'));
});

test("A: one server's answer is never taken for the other's, not even sent to the other's transaction", async () => {
  const both = pair({ address, preference: 1 }, { address: other });
  const stolen: Buffer[] = [];
  const { client, notices } = setUp({
    answer: async (octets, now) => {
      const answers = [
        ...(await both[0].answer(Buffer.from(octets), now)),
        ...(await both[1].answer(octets, now)),
      ];
      if (octets[0] !== 251) {
        return answers;
      }
      // An earlier answer under this query's transaction-id, before the true one.
      const forged = stolen.map((earlier) =>
        Buffer.concat([earlier.subarray(0, 1), octets.subarray(1, 4), earlier.subarray(4)]),
      );
      stolen.push(...answers.map((answer) => Buffer.from(answer)));
      return [...forged, ...answers];
    },
  });
  const lease = await client.obtain();
  expect(lease.serverIdentifier).toBe(one.toString('hex'));
  expect(addresses(lease)).toEqual([address]);
  expect(notices.filter((text) => text.startsWith('an answer is ignored')).length).toBeGreaterThan(1);
});
