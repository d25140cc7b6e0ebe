// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { ProtocolTime, ServerPins } from '../../../src/client';
import { decodeMessage, findOption, OptionCode } from '../../../src/dhcpv6';
import { TestDirectory } from '../../support/test-directory';
import { announce, signerOf } from '../support/announcing-server';
import { addresses, type ClientUnderTest, setUp } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

/**
 * Trust on first use (RFC 7435): a DUID is chosen by whoever sends it, so a key that is pinned to one protects nothing
 * while any other DUID is taken.
 */
const directory = TestDirectory.forEachTest();
const one = Buffer.from('00030001000000000001', 'hex');
const two = Buffer.from('00030001000000000002', 'hex');

const pinned = (): string[] =>
  Object.keys(JSON.parse(readFileSync(directory.file('pins'), 'utf8')) as object).sort();
const hex = (...duids: readonly Buffer[]): string[] => duids.map((duid) => duid.toString('hex'));

/** Whom it has sent Encrypted-Queries. */
function queried({ link }: ClientUnderTest): string[] {
  const queries = link.sent.filter((octets) => octets[0] === 251).map((octets) => decodeMessage(octets));
  const servers = queries.map(({ options }) => findOption(options, OptionCode.ServerIdentifier)?.data);
  return [...new Set(servers.map((duid) => duid?.toString('hex') ?? ''))].sort();
}

describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  let genuine: EngineServer;
  let rogue: EngineServer;

  beforeEach(() => {
    genuine = new EngineServer('server-P-256', one, { solution });
    rogue = new EngineServer('server-P-384', two, { solution });
  });

  /** A client of the file of pins. @param hears the servers that answer, in their order, to a datagram of this number */
  function client(
    hears: (number: number) => readonly EngineServer[],
    trustsNewServers = false,
    more: Partial<Parameters<typeof setUp>[0]> = {},
  ): ClientUnderTest {
    const set = setUp({
      solution,
      pins: ServerPins.open(directory.file('pins')),
      answer: async (octets, now, number) => {
        const answers = await Promise.all(hears(number).map((server) => server.answer(octets, now)));
        return answers.flat();
      },
      ...more,
    });
    return { ...set, client: set.next({ trust: { ...set.options.trust, trustsNewServers } }) };
  }

  test('all servers that answer the first exchange are pinned', async () => {
    await client(() => [genuine, rogue]).client.obtain();
    expect(pinned()).toEqual(hex(one, two));
  });

  describe('once a server is pinned', () => {
    beforeEach(async () => {
      await client(() => [genuine]).client.obtain();
      expect(pinned()).toEqual(hex(one));
    });

    test.each([
      ['alone', () => [rogue], false],
      ['first', () => [rogue, genuine], true],
      ['last', () => [genuine, rogue], true],
    ])('another that answers %s gets no query, and is told of', async (_, hears, isServed) => {
      const under = client(hears);
      if (isServed) {
        expect((await under.client.obtain()).serverIdentifier).toBe(hex(one)[0]);
      } else {
        await expect(under.client.obtain()).rejects.toMatchObject({
          code: 'no-server',
          message: expect.stringMatching(/the server 00030001000000000002, .* is none of those/),
        });
      }
      expect(under.notices).toContainEqual(expect.stringContaining('is none of those'));
      expect(queried(under)).toEqual(isServed ? hex(one) : []);
      expect(pinned()).toEqual(hex(one));
    });

    test('one that the user allows is left while a pinned one answers, even late', async () => {
      const late = client((number) => (number === 0 ? [rogue] : [rogue, genuine]), true);
      expect((await late.client.obtain()).serverIdentifier).toBe(hex(one)[0]);
      expect(queried(late)).toEqual(hex(one));
      expect(pinned()).toEqual(hex(one));
    });

    test('one that the user allows is used, pinned and told of where none of the pinned answers', async () => {
      const { client: under, notices } = client(() => [rogue], true, { patience: 60_000 });
      const lease = await under.obtain();
      expect(lease.serverIdentifier).toBe(hex(two)[0]);
      expect(addresses(lease)).toHaveLength(1);
      expect(notices).toContainEqual(expect.stringMatching(/NO PINNED SERVER ANSWERED: .*000000000002, key/));
      expect(pinned()).toEqual(hex(one, two));
      // From now on it is one of them.
      expect((await client(() => [rogue]).client.obtain()).serverIdentifier).toBe(hex(two)[0]);
    });

    test('one that the user allows is used at the end of an impatient search', async () => {
      const { client: under } = client(() => [rogue], true, { patience: 1500 });
      expect((await under.obtain()).serverIdentifier).toBe(hex(two)[0]);
    });

    test('the lease of one that was removed is renewed with it no more', async () => {
      const lease = await client(() => [genuine]).client.obtain();
      await client(() => [genuine, rogue], true).client.obtain();
      const pins = ServerPins.open(directory.file('pins'));
      pins.remove(hex(one));
      pins.require({ serverIdentifier: two, keyId: Buffer.alloc(32), name: 'another' });
      await expect(client(() => [genuine]).client.renew(lease)).rejects.toMatchObject({ code: 'no-server' });
    });
  });
});

test.each([
  [false, 'is none of those'],
  [true, "the server's timestamp is refused"],
])(
  'a client without a clock takes no time from a server that is not pinned (allowed: %p)',
  async (trustsNewServers, text) => {
    const genuine = new EngineServer('server-P-256', one);
    const first = setUp({
      pins: ServerPins.open(directory.file('pins')),
      answer: (octets, now) => genuine.answer(octets, now),
    });
    await first.client.obtain();

    const years = 3 * 365 * 86_400_000;
    const taken: boolean[] = [];
    const set = setUp({
      pins: ServerPins.open(directory.file('pins')),
      answer: (octets, now) => {
        taken.push(time.isTaken);
        const server = { signer: signerOf('server-P-384'), identifier: two };
        return Promise.resolve([announce(octets, now + years, server)]);
      },
    });
    const { environment, options } = set;
    const time = new ProtocolTime(() => environment.now(), {
      steady: () => environment.monotonic(),
      newestKnown: environment.now(),
      notice: () => undefined,
    });
    const client = set.next({ time, trust: { ...options.trust, trustsNewServers } });
    await expect(client.obtain()).rejects.toMatchObject({
      code: 'no-server',
      message: expect.stringContaining(text),
    });
    expect(taken.length).toBeGreaterThan(1);
    expect(taken).not.toContain(true);
  },
);
