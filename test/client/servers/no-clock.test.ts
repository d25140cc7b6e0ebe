// SPDX-License-Identifier: MPL-2.0

/** Time from a server, for a client without a clock (docs/protocol.md 6). */
import { ContextKeeper, type DhcpClientOptions, ProtocolTime, TimestampSource } from '../../../src/client';
import { addresses, type ClientUnderTest, setUp, type Setup } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

const duid = Buffer.from('00030001000000000001', 'hex');
const other = Buffer.from('00030001000000000002', 'hex');
const servers: EngineServer[] = [];

/** The clients of the tests wake in 2026; the servers are right. */
const YEAR = 365 * 86_400_000;
const newestKnown = Date.UTC(2026, 5, 1);

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function start(identifier = duid, solution: 'A' | 'B' = 'A', name = 'server-P-256'): EngineServer {
  const server = new EngineServer(name, identifier, { solution, reportFailures: true });
  servers.push(server);
  return server;
}

/** A client that may take the time, and what it goes by. */
function clockless(
  answer: Setup['answer'],
  solution: 'A' | 'B' = 'A',
  options: Partial<DhcpClientOptions> = {},
): ClientUnderTest & {
  readonly time: ProtocolTime;
  readonly again: () => ReturnType<ClientUnderTest['next']>;
} {
  const test = setUp({ answer, solution, options });
  const time = new ProtocolTime(() => test.environment.now(), {
    steady: () => test.environment.monotonic(),
    newestKnown,
    notice: (text) => {
      test.notices.push(text);
    },
  });
  const timestamps = new TimestampSource(() => time.now());
  const again = (): ReturnType<ClientUnderTest['next']> => test.next({ time, timestamps });
  return { ...test, time, client: again(), again };
}

describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  test('without --no-clock a server of another time is refused', async () => {
    const server = start(duid, solution);
    const { client } = setUp({ solution, answer: (octets, now) => server.answer(octets, now + YEAR) });
    const code = solution === 'A' ? 'no-server' : 'authentication-refused';
    await expect(client.obtain()).rejects.toMatchObject({ code });
  });
});

test('the time of an Encrypted-Reply serves, and is kept once a response in a context to its key has verified', async () => {
  const server = start();
  const test = clockless((octets, now) => server.answer(octets, now + YEAR));
  const lease = await test.client.obtain();
  expect(addresses(lease)).toHaveLength(1);
  const machine = test.environment.now();
  expect(test.time.now()).toBe(machine + YEAR);
  expect(lease.serverTime).toBe(machine + YEAR);
  expect(test.notices.join('\n')).toContain('goes by the time of an authenticated server');
  // Never for the machine's clock.
  expect(lease.obtained).toBe(machine);
  expect(addresses(await test.again().renew(lease))).toHaveLength(1);
  test.environment.pass(5000);
  expect(test.time.now()).toBe(test.environment.now() + YEAR);
});

test('until then it holds for the exchange alone', async () => {
  const server = start();
  const test = clockless(
    (octets, now) => (octets[0] === 253 ? server.answer(octets, now + YEAR) : Promise.resolve([])),
    'A',
    { patience: 3000 },
  );
  await expect(test.client.obtain()).rejects.toMatchObject({ code: 'no-usable-configuration' });
  expect(test.time.isTaken).toBe(false);
  expect(test.time.now()).toBe(test.environment.now());
});

test('a time before the newest one known to have passed is not believed', async () => {
  const server = start();
  const test = clockless((octets, now) => server.answer(octets, now + 600_000));
  await expect(test.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(test.time.isTaken).toBe(false);
});

test('of two times the later one serves: a recorded reply is always earlier than the true one', async () => {
  const [recorded, server] = [start(other, 'A', 'server-P-384'), start()];
  const test = clockless(async (octets, now) => [
    ...(octets[0] === 253 ? await recorded.answer(Buffer.from(octets), now + YEAR / 2) : []),
    ...(await server.answer(octets, now + YEAR)),
  ]);
  expect((await test.client.obtain()).serverIdentifier).toBe(duid.toString('hex'));
  expect(test.time.now()).toBe(test.environment.now() + YEAR);
});

test('a clock that is right is left alone', async () => {
  const server = start();
  const test = clockless((octets, now) => server.answer(octets, now));
  await test.client.obtain();
  expect(test.time.isTaken).toBe(false);
});

test('a TimestampFail report to its own opening query tells the time, and the query is sent again', async () => {
  const server = start();
  // The reply is of now, but the server's clock is set right before the query comes.
  const test = clockless((octets, now) => server.answer(octets, now + (octets[0] === 253 ? 0 : YEAR)));
  expect(addresses(await test.client.obtain())).toHaveLength(1);
  expect(test.notices.join('\n')).toMatch(/refuses our timestamp.*mended/);
  expect(test.time.now()).toBe(test.environment.now() + YEAR);
});

test('solution B: a TimestampFail report to its own Solicit tells the time', async () => {
  const server = start(duid, 'B');
  const test = clockless((octets, now) => server.answer(octets, now + YEAR), 'B');
  expect(addresses(await test.client.obtain())).toHaveLength(1);
  expect(test.time.now()).toBe(test.environment.now() + YEAR);
});

test('a path that is not valid at the time which the server claims is refused', async () => {
  const server = start();
  // Long after the certificates of the vectors have ended.
  const test = clockless((octets, now) => server.answer(octets, now + 60 * YEAR), 'A', {
    contexts: new ContextKeeper(),
  });
  await expect(test.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(test.time.isTaken).toBe(false);
});
