// SPDX-License-Identifier: MPL-2.0

/** What goes to all servers (docs/protocol.md 5.1): one query to each, four at most, with one transaction-id and one Elapsed Time. */
import { decodeMessage } from '../../../src/dhcpv6';
import { addresses, contextsOf, plainTypes, setUp, type Setup } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';
import type { Gives } from '../support/plain-kea';

const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function fleet(
  count: number,
  gives: (number: number) => Gives = (number) => ({ address: `2001:db8::${number + 1}` }),
) {
  const made = Array.from({ length: count }, (_, number) => {
    const identifier = Buffer.from([0, 3, 0, 1, 0, 0, 0, 0, 0, number]);
    return new EngineServer('server-P-256', identifier, {}, gives(number));
  });
  servers.push(...made);
  return made;
}

const answerOf =
  (
    all: readonly EngineServer[],
    isSilent: (server: EngineServer, octets: Buffer) => boolean = () => false,
  ): Setup['answer'] =>
  async (octets, now) =>
    (
      await Promise.all(
        all.map((server) =>
          isSilent(server, octets) ? Promise.resolve([]) : server.answer(Buffer.from(octets), now),
        ),
      )
    ).flat();

const queriesOf = (sent: readonly Buffer[]): Buffer[] => sent.filter(([type]) => type === 251);

test('a Solicit: one query to each, in a context of its own, with one transaction-id; then the Request to one alone', async () => {
  const { client, link } = setUp({ answer: answerOf(fleet(3)) });
  expect(addresses(await client.obtain())).toEqual(['2001:db8::1']);
  expect(plainTypes(link)).toEqual([253, 251, 251, 251, 251]);
  const solicits = queriesOf(link.sent).slice(0, 3);
  expect(new Set(solicits.map((octets) => octets.readUIntBE(1, 3))).size).toBe(1);
  expect(new Set(contextsOf(link).slice(0, 3)).size).toBe(3);
});

test('four at most', async () => {
  const { client, link } = setUp({ answer: answerOf(fleet(6)) });
  await client.obtain();
  expect(queriesOf(link.sent)).toHaveLength(4 + 1);
});

test('a first lease takes the wait of 1 s for replies, and no more where all answer', async () => {
  const { client, environment } = setUp({ answer: answerOf(fleet(2)) });
  await client.obtain();
  expect(environment.monotonic()).toBeLessThanOrEqual(1100);
});

test('a silent standby costs one time-out more, not its 15 s', async () => {
  const [active, standby] = fleet(2);
  const isSilent = (server: EngineServer, octets: Buffer): boolean => server === standby && octets[0] === 251;
  const { client, environment } = setUp({ answer: answerOf([standby!, active!], isSilent) });
  expect((await client.obtain()).serverIdentifier).toBe(active!.identifier.toString('hex'));
  expect(environment.monotonic()).toBeLessThanOrEqual(2200);
});

test('after the first time-out the first good offer will do, whoever else is silent (RFC 9915 section 18.2.1)', async () => {
  const [active, standby] = fleet(2);
  let solicits = 0;
  const isSilent = (server: EngineServer, octets: Buffer): boolean =>
    octets[0] === 251 && (server === standby || (solicits += 1) === 1);
  const { client, environment } = setUp({ answer: answerOf([standby!, active!], isSilent) });
  expect((await client.obtain()).serverIdentifier).toBe(active!.identifier.toString('hex'));
  // The search, one time-out, and an answer to the second transmission.
  expect(environment.monotonic()).toBeLessThanOrEqual(2300);
});

test('with a server name the first that has it ends the wait at once, and others that have it join', async () => {
  const [first, second] = fleet(2);
  const isSilent = (server: EngineServer, octets: Buffer): boolean => server === first && octets[0] === 251;
  const test = setUp({ serverName: 'dhcp.vectors.test', answer: answerOf([first!, second!], isSilent) });
  expect((await test.client.obtain()).serverIdentifier).toBe(second!.identifier.toString('hex'));
  // The second is asked as well, though the first had ended the wait.
  expect(plainTypes(test.link)).toEqual([253, 251, 251, 251]);
  expect(test.environment.monotonic()).toBeLessThanOrEqual(1100);
});

test('with a server name there is no wait where the first answers', async () => {
  const { client, environment } = setUp({ serverName: 'dhcp.vectors.test', answer: answerOf(fleet(1)) });
  await client.obtain();
  expect(environment.monotonic()).toBe(0);
});

test('an answer that grants nothing counts only where no other comes in time', async () => {
  const gives = (number: number): Gives =>
    number === 0 ? { address: undefined, preference: 255 } : { address: '2001:db8::7' };
  const { client } = setUp({ answer: answerOf(fleet(2, gives)) });
  expect(addresses(await client.obtain())).toEqual(['2001:db8::7']);
  const rebinding = setUp({ answer: answerOf(fleet(2, gives)) });
  const lease = await rebinding.client.obtain();
  expect(addresses(await rebinding.next().rebind(lease))).toEqual(['2001:db8::7']);
});

test('an answer to a Rebind that grants something else counts only where no server extends the lease in time', async () => {
  const [other, own] = fleet(2);
  let silent = other;
  const { client, next } = setUp({ answer: answerOf([other!, own!], (server) => server === silent) });
  const lease = await client.obtain();
  expect(addresses(lease)).toEqual(['2001:db8::2']);
  silent = undefined;
  expect(addresses(await next().rebind(lease))).toEqual(['2001:db8::2']);
  silent = own;
  expect(addresses(await next().rebind(lease))).toContain('2001:db8::1');
});

test('one Elapsed Time runs on from the search over servers and retransmissions', async () => {
  const [server] = fleet(1);
  const seen: number[] = [];
  const kea = Object.getOwnPropertyDescriptor(server!, 'kea')!.value as {
    answerNested: (octets: Buffer) => Buffer;
  };
  const answerNested = kea.answerNested.bind(kea);
  kea.answerNested = (octets) => {
    const elapsed = decodeMessage(octets).options.find(({ code }) => code === 8);
    seen.push(elapsed?.data.readUInt16BE() ?? -1);
    return answerNested(octets);
  };
  let queries = 0;
  const { client } = setUp({
    answer: (octets, now) =>
      octets[0] === 251 && (queries += 1) <= 3 ? Promise.resolve([]) : server!.answer(octets, now),
  });
  await client.obtain();
  const [solicit, request] = seen;
  // 1.05 s to look for servers, then 1.05 s, 2.1 s, 4.2 s (the key is asked for) and so on.
  expect(solicit).toBeGreaterThan(400);
  expect(request).toBe(0);
});

test('a server that was not found at first joins where the client asks for a key again', async () => {
  const [dead, late] = fleet(2);
  let requests = 0;
  const answer = answerOf([dead!, late!], (server, octets) =>
    server === dead ? octets[0] === 251 : octets[0] === 253 && requests === 1,
  );
  const { client } = setUp({
    answer: (octets, now, number, way) => {
      requests += octets[0] === 253 ? 1 : 0;
      return answer(octets, now, number, way);
    },
  });
  expect((await client.obtain()).serverIdentifier).toBe(late!.identifier.toString('hex'));
});
