// SPDX-License-Identifier: MPL-2.0

/** Messages that go wrapped in a Relay-forward (docs/protocol.md 5.3). */
import { ContextKeeper, type Way } from '../../../src/client';
import { unwrapMessage, wrapMessage } from '../../../src/client/exchange/wrapping';
import { MessageType } from '../../../src/dhcpv6';
import { addresses, type ClientUnderTest, contextsOf, setUp, types } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

const duid = Buffer.from('00030001000000000001', 'hex');
const linkLocal = Buffer.from('fe800000000000000202b3fffe1e8329', 'hex');
const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

/** A client behind a relay agent that forwards only what goes some ways. */
function behind(solution: 'A' | 'B', forwards: (way: Way, type: number) => boolean): ClientUnderTest {
  const server = new EngineServer('server-P-256', duid, { solution });
  servers.push(server);
  return setUp({
    solution,
    answersWrapped: true,
    answer: (octets, now, _, way) => {
      if (!forwards(way, octets.readUInt8(0))) {
        return Promise.resolve([]);
      }
      return way === 'wrapped' ? server.answerWrapped(octets, now) : server.answer(octets, now);
    },
  });
}

test('a wrapped message: Relay-forward, hop-count 0, link-address ::, the own link-local address as peer-address', () => {
  const message = Buffer.from('fd0a0b0c', 'hex');
  expect(wrapMessage(message, linkLocal).toString('hex')).toBe(
    // msg-type, hop-count; link-address; peer-address; Relay Message option
    `0c00${'00'.repeat(16)}${linkLocal.toString('hex')}00090004fd0a0b0c`,
  );
});

test('an answer is what a Relay-reply to the own address carries, and nothing else', () => {
  const message = Buffer.from('fe0a0b0c', 'hex');
  const reply = wrapMessage(message, linkLocal);
  reply[0] = MessageType.RelayReply;
  expect(unwrapMessage(reply, linkLocal)).toEqual(message);
  expect(unwrapMessage(reply, Buffer.alloc(16, 1))).toBeUndefined();
  expect(unwrapMessage(wrapMessage(message, linkLocal), linkLocal)).toBeUndefined();
  expect(unwrapMessage(reply.subarray(0, 36), linkLocal)).toBeUndefined();
  expect(unwrapMessage(message, linkLocal)).toBeUndefined();
});

describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  const ask = solution === 'A' ? 253 : MessageType.Solicit;

  test('what stayed unanswered twice goes both ways, and on the one that was answered', async () => {
    const { client, link, notices } = behind(solution, (way) => way === 'wrapped');
    const lease = await client.obtain();
    expect(addresses(lease)).toHaveLength(1);
    expect(lease.way).toBe('wrapped');
    expect(types(link)).toEqual([ask, ask, ask, ask, 251, 251]);
    expect(link.ways).toEqual(['plain', 'plain', 'plain', 'wrapped', 'wrapped', 'wrapped']);
    expect(notices.join('\n')).toContain('wrapped in a Relay-forward');
  });

  test('where Encrypted-Queries alone are dropped, one goes both ways as soon as the server has told its key again', async () => {
    const { client, link } = behind(solution, (way, type) => way === 'wrapped' || type !== 251);
    const lease = await client.obtain();
    expect(addresses(lease)).toHaveLength(1);
    expect(lease.way).toBe('wrapped');
    const sent = types(link).map((type, at) => [type, link.ways[at]]);
    expect(sent).toEqual([
      [ask, 'plain'],
      [251, 'plain'],
      [251, 'plain'],
      [ask, 'plain'],
      [ask, 'wrapped'],
      [251, 'plain'],
      [251, 'wrapped'],
      [251, 'wrapped'],
    ]);
    expect(new Set(contextsOf(link)).size).toBe(4);
  });

  test('what comes later begins with the way of the lease, and takes the other where that alone is answered', async () => {
    let isWrapping = true;
    const test = behind(solution, (way) => way === (isWrapping ? 'wrapped' : 'plain'));
    const lease = await test.client.obtain();
    const before = test.link.sent.length;
    expect((await test.next({ contexts: new ContextKeeper() }).renew(lease)).way).toBe('wrapped');
    expect(await test.next({ contexts: new ContextKeeper() }).release(lease)).toBe(true);
    expect(new Set(test.link.ways.slice(before))).toEqual(new Set(['wrapped']));
    isWrapping = false;
    expect((await test.next({ contexts: new ContextKeeper() }).rebind(lease)).way).toBe('plain');
  });

  test('where plain messages are answered, nothing goes wrapped', async () => {
    const { client, link } = behind(solution, () => true);
    expect((await client.obtain()).way).toBe('plain');
    expect(new Set(link.ways)).toEqual(new Set(['plain']));
  });

  test('where both are answered, the first answer counts', async () => {
    let sent = 0;
    const { client, link } = behind(solution, () => (sent += 1) > 2);
    expect((await client.obtain()).way).toBe('plain');
    expect(link.ways.slice(0, 4)).toEqual(['plain', 'plain', 'plain', 'wrapped']);
    expect(new Set(link.ways.slice(4))).toEqual(new Set(['plain']));
  });

  test('the next exchange goes that way at once, and Renew and Release in the open context', async () => {
    const test = behind(solution, (way) => way === 'wrapped');
    const lease = await test.client.obtain();
    const before = test.link.sent.length;
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(await test.next().release(lease)).toBe(true);
    expect(test.link.ways.slice(before)).toEqual(['wrapped', 'wrapped']);
    expect(new Set(contextsOf(test.link)).size).toBe(1);
  });

  test('a query that goes both ways has a context of its own each way', async () => {
    let isCut = false;
    const test = behind(solution, (_, type) => !isCut || type !== 251);
    const lease = await test.client.obtain();
    const before = contextsOf(test.link).length;
    isCut = true;
    await expect(test.next().renew(lease, 200)).rejects.toMatchObject({ code: 'no-answer' });
    const later = contextsOf(test.link).slice(before);
    expect(new Set(later).size).toBe(later.length);
    expect(test.link.ways).toContain('wrapped');
  });

  test('whichever of the two comes first: a report that the plain one came late is not on the message sent last', async () => {
    let held: Buffer | undefined;
    let reported = 0;
    let queries = 0;
    const server = new EngineServer('server-P-256', duid, { solution, reportFailures: true });
    servers.push(server);
    const { client } = setUp({
      solution,
      answersWrapped: true,
      answer: async (octets, now, _, way) => {
        if (octets[0] !== 251) {
          return server.answer(octets, now);
        }
        queries += 1;
        if (way === 'plain') {
          held = octets;
          return [];
        }
        const response = await server.answerWrapped(octets, now);
        const report = await server.answer(held ?? Buffer.alloc(0), now);
        reported += report.length;
        return [...report, ...response];
      },
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(reported).toBeGreaterThan(0);
    expect(queries).toBeGreaterThan(2);
  });

  test('it comes back to plain messages where those alone are answered again', async () => {
    let isWrapping = true;
    const test = behind(solution, (way) => way === (isWrapping ? 'wrapped' : 'plain'));
    const lease = await test.client.obtain();
    isWrapping = false;
    expect((await test.next().renew(lease, 500)).way).toBe('plain');
  });

  test('a Release goes one way only', async () => {
    let isCut = false;
    const test = behind(solution, () => !isCut);
    const lease = await test.client.obtain();
    const before = test.link.sent.length;
    isCut = true;
    expect(await test.next().release(lease)).toBe(false);
    const queries = test.link.sent.flatMap(([type], at) =>
      at >= before && type === 251 ? [test.link.ways[at]] : [],
    );
    expect(queries.length).toBeGreaterThan(1);
    expect(new Set(queries)).toEqual(new Set(['plain']));
  });
});

test.each(['A', 'B'] as const)(
  'solution %s: of two servers each is sent to the way that it answers, and not the way of the other',
  async (solution) => {
    const plain = new EngineServer('server-P-256', duid, { solution });
    const wrapped = new EngineServer('server-P-384', Buffer.from('00030001000000000002', 'hex'), {
      solution,
    });
    servers.push(plain, wrapped);
    const { client, link } = setUp({
      solution,
      answersWrapped: true,
      answer: async (octets, now, number, way) => {
        // The one behind no relay agent tells its key, and says no more.
        const isOfPlain = way === 'plain' && octets[0] !== 251 && number >= 2;
        const [first, second] = [
          isOfPlain ? await plain.answer(Buffer.from(octets), now) : [],
          way === 'wrapped' ? await wrapped.answerWrapped(Buffer.from(octets), now) : [],
        ];
        return [...first, ...second];
      },
    });
    expect((await client.obtain()).serverIdentifier).toBe('00030001000000000002');
    // Solicits go to both, to each its way; the Request goes to the other one alone, wrapped at once.
    expect(types(link).at(-1)).toBe(251);
    expect(link.ways.at(-1)).toBe('wrapped');
    expect(
      link.ways.filter((way, at) => way === 'plain' && types(link)[at] === 251).length,
    ).toBeLessThanOrEqual(2);
  },
);

test('cookies are kept for each way', async () => {
  let isWrapping = true;
  const test = behind('A', (way) => way === (isWrapping ? 'wrapped' : 'plain'));
  await test.client.obtain();
  const { transport, signer, trust } = test.options;
  const memory = test.options.contexts!.memoryOf({ transport, signer, trust });
  expect(memory.cookie('wrapped', duid)).toBeDefined();
  expect(memory.cookie('plain', duid)).toBeUndefined();
  isWrapping = false;
  await test.next().obtain();
  expect(memory.cookie('plain', duid)).toBeDefined();
});
