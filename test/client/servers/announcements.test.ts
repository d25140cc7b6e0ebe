// SPDX-License-Identifier: MPL-2.0

/**
 * What a client makes of announcements (docs/protocol.md 3, 4.1, 4.2, 5.1): known answers, and what it does when a query
 * is answered by one, or by a Retry.
 */
import { ClientError, ProtocolTime } from '../../../src/client';
import { ServerVerifier } from '../../../src/client/servers/server-verifier';
import { ntpFromUnixMilliseconds, unixMillisecondsFromNtp } from '../../../src/crypto';
import { MessageType } from '../../../src/dhcpv6';
import { TrustStore } from '../../../src/pki';
import {
  chosenKem,
  decodeEncryptedRequest,
  decodeServerAnswer,
  defaultCodePoints,
  encodeRetry,
  kemForQuery,
  KemId,
  ProtocolError,
} from '../../../src/protocol';
import { hex, vectors } from '../../crypto/support/vectors';
import { derOf, trustAnchor } from '../../engine/support/vector-engine';
import { ntp } from '../../protocol/support/known-answers';
import { announce } from '../support/announcing-server';
import { addresses, contextsOf, envelopeOf, plainTypes, setUp } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

interface Case {
  readonly case: string;
  readonly reply: string;
  readonly is: 'authentication' | 'report' | 'retry' | 'nothing';
  readonly key_lives_on_s: number | null;
}

const file = vectors('protocol/announcement.json') as {
  readonly request: string;
  readonly now: string;
  readonly cases: readonly Case[];
  readonly answers_to_a_query: readonly Case[];
};

describe('known answers: whose announcement authenticates, and how long its key lives on', () => {
  const now = unixMillisecondsFromNtp(ntp(file.now));
  const store = new TrustStore({ anchors: derOf(trustAnchor), intermediates: [], crls: [] });
  const trust = { store, pins: undefined, serverName: undefined };
  const verifier = new ServerVerifier(trust, defaultCodePoints, new ProtocolTime(() => now));
  const { kemList, message } = decodeEncryptedRequest(defaultCodePoints, hex(file.request));

  function judge(reply: Buffer, kemOf: (offered: readonly number[]) => number): number | undefined {
    try {
      const answer = decodeServerAnswer(defaultCodePoints, 'encrypted-reply', reply);
      if (answer.kind !== 'announcement' || answer.message.transactionId !== message.transactionId) {
        return undefined;
      }
      const { keyEndsAt } = verifier.verify(answer, kemOf(answer.kemList));
      return Math.round((keyEndsAt - now) / 1000);
    } catch (error) {
      if (error instanceof ProtocolError) {
        return undefined;
      }
      throw error;
    }
  }

  test.each(file.cases.map((each) => [each.case, each] as const))(
    '%s',
    (_, { reply, is, key_lives_on_s }) => {
      const lives = judge(hex(reply), (offered) => chosenKem(kemList, offered));
      expect(lives).toBe(is === 'authentication' ? key_lives_on_s : undefined);
    },
  );

  test.each(file.answers_to_a_query.map((each) => [each.case, each] as const))(
    'to a query: %s',
    (_, { reply, is, key_lives_on_s }) => {
      const lives = judge(hex(reply), (offered) => kemForQuery(KemId.P384, offered));
      expect(lives).toBe(is === 'authentication' ? key_lives_on_s : undefined);
    },
  );
});

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

const retryTo = (octets: Buffer): Buffer =>
  encodeRetry(defaultCodePoints, 'encrypted-response', octets.readUIntBE(1, 3), duid, Buffer.from('forged'));

describe('a query that is answered by an announcement', () => {
  test('a later one: the query again at once, in a new context', async () => {
    let server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    const lease = await test.client.obtain();
    server = start();
    const before = test.environment.monotonic();
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(test.environment.monotonic()).toBe(before);
    expect(plainTypes(test.link).slice(3)).toEqual([251, 251]);
    expect(new Set(contextsOf(test.link)).size).toBe(2);
  });

  test('one that is not later, a recorded one perhaps: asks once, and ends nothing', async () => {
    const server = start();
    const recorded: Buffer[] = [];
    let isUnderAttack = false;
    const test = setUp({
      answer: async (octets, now) => {
        const answers = await server.answer(octets, now);
        if (octets[0] === 253) {
          recorded.push(...answers);
          // Nobody gets to answer what is asked.
          return isUnderAttack ? [] : answers;
        }
        const forged = recorded.map((octets2) => {
          const patched = Buffer.from(octets2);
          octets.copy(patched, 1, 1, 4);
          return patched;
        });
        return isUnderAttack ? [...forged, ...forged, ...answers] : answers;
      },
    });
    const lease = await test.client.obtain();
    isUnderAttack = true;
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(plainTypes(test.link).slice(3)).toEqual([251, 253]);
    expect(new Set(contextsOf(test.link)).size).toBe(1);
  });

  test('one with a key of another KEM than the two lists lead to is refused', async () => {
    const server = start();
    const test = setUp({
      options: { kemList: [KemId.P256, KemId.X25519] },
      answer: async (octets, now) => {
        const answers = await server.answer(octets, now);
        if (octets[0] !== 251) {
          return answers;
        }
        const asked = Buffer.concat([
          Buffer.of(253),
          octets.subarray(1, 4),
          Buffer.from('02c500020020', 'hex'),
        ]);
        const other = announce(asked, now + 5000, { offered: [KemId.P256, KemId.X25519] });
        return [other, ...answers];
      },
    });
    expect(addresses(await test.client.obtain())).toHaveLength(1);
    expect(test.notices.join('\n')).toContain('an Encryption Key of kem_id 0x20, not of 0x10');
  });
});

describe('a query that is answered by a Retry', () => {
  test.each(['A', 'B'] as const)(
    'solution %s: asks once for each query, and the response that comes meanwhile counts',
    async (solution) => {
      const server = start(solution);
      const test = setUp({
        solution,
        answer: async (octets, now) => {
          const answers = await server.answer(octets, now);
          return octets[0] === 251 ? [retryTo(octets), retryTo(octets), ...answers] : answers;
        },
      });
      expect(addresses(await test.client.obtain())).toHaveLength(1);
      const ask = solution === 'A' ? 253 : MessageType.Solicit;
      expect(plainTypes(test.link)).toEqual([ask, 251, ask, 251, ask]);
      expect(new Set(contextsOf(test.link)).size).toBe(1);
    },
  );

  test('goes on with the later key that it gets when it asks', async () => {
    let server = start('B');
    const test = setUp({ solution: 'B', answer: (octets, now) => server.answer(octets, now) });
    const lease = await test.client.obtain();
    server = start('B');
    const before = test.environment.monotonic();
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(test.environment.monotonic()).toBe(before);
    expect(plainTypes(test.link).slice(3)).toEqual([251, MessageType.Solicit, 251]);
  });

  test('a Retry in an Encrypted-Reply answers no query', async () => {
    const server = start();
    const test = setUp({
      answer: async (octets, now) => {
        const answers = await server.answer(octets, now);
        const retry = retryTo(octets);
        retry[0] = 254;
        return octets[0] === 251 ? [retry, ...answers] : answers;
      },
    });
    await test.client.obtain();
    expect(plainTypes(test.link)).toEqual([253, 251, 251]);
  });
});

describe('the KEM of the keys (3, 4)', () => {
  test.each([
    [[KemId.X25519], KemId.X25519, 640],
    [[KemId.P384, KemId.X25519], KemId.P384, 640],
    [[KemId.XWing, KemId.X25519], KemId.XWing, 1056],
  ])('list %j leads to 0x%s; the Encrypted-Request has %d octets', async (kemList, kemId, length) => {
    const server = start();
    const { client, link } = setUp({
      options: { kemList },
      answer: (octets, now) => server.answer(octets, now),
    });
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(link.sent[0]).toHaveLength(length);
    expect(envelopeOf(link.sent.find(([type]) => type === 251)!).kemId).toBe(kemId);
  });

  test('a list of KEMs that the server does not offer leads to X25519', async () => {
    const { client, link } = setUp({
      options: { kemList: [KemId.P384] },
      patience: 3000,
      answer: (octets, now) => Promise.resolve(octets[0] === 253 ? [announce(octets, now)] : []),
    });
    await expect(client.obtain()).rejects.toMatchObject({ code: 'no-usable-configuration' });
    expect(envelopeOf(link.sent.find(([type]) => type === 251)!).kemId).toBe(KemId.X25519);
  });
});

describe("the end of a server's key (4.1, 4.2)", () => {
  test.each([
    [61, true],
    [60, false],
  ])('of a key that ends in %d s: a context is opened: %p', async (lifetime, isOpened) => {
    const { client, link } = setUp({
      patience: 3000,
      answer: (octets, now) =>
        Promise.resolve(octets[0] === 253 ? [announce(octets, now, { lifetime })] : []),
    });
    await expect(client.obtain()).rejects.toMatchObject({
      code: isOpened ? 'no-usable-configuration' : 'no-server',
    });
    expect(link.sent.some(([type]) => type === 251)).toBe(isOpened);
  });

  test('what is kept is not used past it: the client asks for the present key first', async () => {
    const server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    const lease = await test.client.obtain();
    // The vectors' keys end in 2090, their certificates do sooner: what counts is what was told.
    const { transport, signer, trust } = test.options;
    const known = test.options.contexts!.memoryOf({ transport, signer, trust }).find(duid.toString('hex'))!;
    const timestamp = ntpFromUnixMilliseconds(test.environment.now() + 1);
    known.adopt({ ...known.announced, timestamp, keyEndsAt: test.environment.now() + 1000 }, false);
    test.environment.pass(1000);
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(plainTypes(test.link).slice(3)).toEqual([253, 251]);
  });
});

test('a key of X25519 with which an agreement gives zeros ends nothing but the attempt with that server (4)', async () => {
  const server = start();
  const weak = { identifier: Buffer.from('00030001000000000009', 'hex'), publicKey: Buffer.alloc(32) };
  const { client, notices } = setUp({
    answer: async (octets, now) => [
      ...(octets[0] === 253 ? [announce(octets, now, weak)] : []),
      ...(await server.answer(octets, now)),
    ],
  });
  expect((await client.obtain()).serverIdentifier).toBe(duid.toString('hex'));
  expect(notices.join('\n')).toContain('the encryption key of the server');
  const alone = setUp({
    answer: (octets, now) => Promise.resolve(octets[0] === 253 ? [announce(octets, now, weak)] : []),
  });
  await expect(alone.client.obtain()).rejects.toBeInstanceOf(ClientError);
});
