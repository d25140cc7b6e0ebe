// SPDX-License-Identifier: MPL-2.0

/** Cookies and Retries (docs/protocol.md 3, 7). */
import { MessageType } from '../../../src/dhcpv6';
import { defaultCodePoints, encodeRetry, readCookie } from '../../../src/protocol';
import { addresses, plainTypes, setUp } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';
import { ScriptedLink } from '../support/scripted-link';

const duid = Buffer.from('00030001000000000001', 'hex');
const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function start(solution: 'A' | 'B' = 'A'): EngineServer {
  const server = new EngineServer('server-P-256', duid, { solution });
  servers.push(server);
  return server;
}

const cookieOf = (octets: Buffer): string | undefined =>
  readCookie(defaultCodePoints, octets)?.toString('hex');

function retryTo(octets: Buffer, cookie: Buffer, identifier = duid): Buffer {
  const type = octets[0] === 253 ? 'encrypted-reply' : 'encrypted-response';
  return encodeRetry(defaultCodePoints, type, octets.readUIntBE(1, 3), identifier, cookie);
}

test("the server's last cookie is in every query after its answer, outside of the encryption", async () => {
  const server = start();
  const given: (string | undefined)[] = [];
  const { client, link } = setUp({
    answer: async (octets, now) => {
      const answers = await server.answer(octets, now);
      given.push(...answers.filter(([type]) => type === 254).map(cookieOf));
      return answers;
    },
  });
  await client.obtain();
  expect(given[0]).toBeDefined();
  expect(link.sent.map(cookieOf)).toEqual([undefined, given[0], given[0]]);
});

test.each(['A', 'B'] as const)(
  'solution %s: it is in the next request too, but not from another address',
  async (solution) => {
    const server = start(solution);
    const test = setUp({ solution, answer: (octets, now) => server.answer(octets, now) });
    await test.client.obtain();
    const before = test.link.sent.length;
    await test.next().obtain();
    expect(cookieOf(test.link.sent[before]!)).toBeDefined();
    const elsewhere = new ScriptedLink((octets, number) => test.answer(octets, number));
    await test
      .next({ transport: elsewhere, environment: test.environment })
      .obtain()
      .catch(() => undefined);
    expect(cookieOf(elsewhere.sent[0]!)).toBeUndefined();
  },
);

describe.each(['A', 'B'] as const)('solution %s: a Retry', (solution) => {
  const ask = solution === 'A' ? 253 : MessageType.Solicit;

  test('the message again with the cookie, in the same transaction; built anew where it is signed', async () => {
    const server = start(solution);
    const { client, link } = setUp({
      solution,
      answer: (octets, now) =>
        octets[0] === ask && cookieOf(octets) === undefined
          ? Promise.resolve([retryTo(octets, Buffer.from('c0', 'hex'))])
          : server.answer(octets, now),
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(plainTypes(link)).toEqual([ask, ask, 251, 251]);
    expect(cookieOf(link.sent[1]!)).toBe('c0');
    expect(link.sent[1]!.readUIntBE(1, 3)).toBe(link.sent[0]!.readUIntBE(1, 3));
  });

  test('at most four in a transmission are answered, and the client goes on collecting', async () => {
    const server = start(solution);
    let asked = 0;
    const { client, link, environment } = setUp({
      solution,
      answer: async (octets, now) => {
        if (octets[0] !== ask) {
          return server.answer(octets, now);
        }
        asked += 1;
        const forged = Array.from({ length: 10 }, (_, number) => retryTo(octets, Buffer.of(asked, number)));
        return [...forged, ...(asked === 5 ? await server.answer(octets, now) : [])];
      },
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(link.sent.filter(([type]) => type === ask).length).toBe(5);
    expect(environment.monotonic()).toBeLessThan(1200);
  });

  test('one of a server that has answered already is not answered', async () => {
    const server = start(solution);
    const { client, link } = setUp({
      solution,
      answer: async (octets, now) => [
        ...(await server.answer(octets, now)),
        ...(octets[0] === ask ? [retryTo(octets, Buffer.of(1))] : []),
      ],
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(link.sent.filter(([type]) => type === ask)).toHaveLength(1);
  });
});

test.each(['A', 'B'] as const)(
  'solution %s: what a query in an unknown context asks is answered by at most four Retries, too',
  async (solution) => {
    const ask = solution === 'A' ? 253 : MessageType.Solicit;
    const server = start(solution);
    let isLost = false;
    let isFlooded = false;
    const test = setUp({
      solution,
      answer: async (octets, now) => {
        if (isFlooded && octets[0] === ask) {
          return Array.from({ length: 10 }, (_, number) => retryTo(octets, Buffer.of(number)));
        }
        if (isLost && octets[0] === 251) {
          isLost = false;
          return [retryTo(octets, Buffer.of(99))];
        }
        return server.answer(octets, now);
      },
    });
    const lease = await test.client.obtain();
    const before = test.link.sent.length;
    [isLost, isFlooded] = [true, true];
    // The query after the time-out is answered.
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(plainTypes(test.link).slice(before)).toEqual([251, ...Array.from({ length: 5 }, () => ask), 251]);
  },
);
