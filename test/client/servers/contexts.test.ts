// SPDX-License-Identifier: MPL-2.0

import { ContextKeeper, type DhcpClientOptions } from '../../../src/client';
import { RecipientPrivateKey } from '../../../src/crypto';
import { identityOf } from '../../engine/support/vector-engine';
import { addresses, type ClientUnderTest, setUp, types } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';
import { ScriptedLink } from '../support/scripted-link';

const duid = Buffer.from('00030001000000000001', 'hex');
const [query, request] = [251, 253];
const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function start(solution: 'A' | 'B' = 'A', name = 'server-P-256'): EngineServer {
  const server = new EngineServer(name, duid, { solution });
  servers.push(server);
  return server;
}

/** What is sent from now on, by type. */
function since({ link }: ClientUnderTest, ask: () => Promise<unknown>): Promise<number[]> {
  const before = link.sent.length;
  return ask().then(() => types(link).slice(before));
}

/** The enc of a query to {@link duid} with a P-256 key. */
function encOf(octets: Buffer): string {
  return octets.toString('hex', 4 + 14 + 4 + 22, 4 + 14 + 4 + 22 + 65);
}

describe('the context of a client (docs/protocol.md 4.1, 4.3)', () => {
  test.each(['A', 'B'] as const)(
    'solution %s: lasts from the Request over the Renew and the Decline to the Release',
    async (solution) => {
      let server = start(solution);
      const test = setUp({ solution, answer: (octets, now) => server.answer(octets, now) });
      const lease = await test.client.obtain();
      const sent = await since(test, async () => {
        expect(addresses(await test.next().renew(lease))).toHaveLength(1);
        expect(addresses(await test.next().renew(lease))).toHaveLength(1);
        expect(await test.next().decline(lease)).toBe(true);
        expect(await test.next().release(lease)).toBe(true);
      });
      expect(sent).toEqual([query, query, query, query]);
      const encs = test.link.sent.filter((octets) => octets[0] === query).map(encOf);
      expect(new Set(encs).size).toBe(1);
      // A new engine has neither the context nor a record of the client.
      server = start(solution);
      const again = await since(test, async () => {
        expect(addresses(await test.next().renew(lease))).toHaveLength(1);
      });
      expect(again).toEqual(solution === 'A' ? [query, query, request, query] : [query, query]);
      expect(await since(test, () => test.next().release(lease))).toEqual([query]);
    },
  );

  test('serves a client that has been made to be ignored, and no other context does', async () => {
    const server = start();
    let isIgnored = false;
    const test = setUp({
      // What the blocklist leaves a client.
      answer: async (octets, now) => (isIgnored && octets[0] === request ? [] : server.answer(octets, now)),
    });
    const lease = await test.client.obtain();
    isIgnored = true;
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    const apart = test.next({ contexts: new ContextKeeper() });
    await expect(apart.renew(lease)).rejects.toMatchObject({ code: 'no-server' });
    expect(await test.next().release(lease)).toBe(true);
  });

  test('is asked for information in first, and no longer than it answers', async () => {
    const server = start();
    let isSilent = false;
    const test = setUp({
      answer: (octets, now) =>
        isSilent && octets[0] === query ? Promise.resolve([]) : server.answer(octets, now),
    });
    await test.client.informationRequest();
    expect(types(test.link)).toEqual([request, query]);
    expect(await since(test, () => test.next().informationRequest())).toEqual([query]);
    isSilent = true;
    const sent = await since(test, async () => {
      await expect(test.next().informationRequest()).rejects.toMatchObject({
        code: 'no-usable-configuration',
      });
    });
    expect(sent.slice(0, 3)).toEqual([query, query, request]);
  });

  const signer = {
    key: RecipientPrivateKey.fromKeyObject(identityOf('client-P-256').privateKey),
    chain: identityOf('client-P-256').chain.map((der): Buffer => Buffer.from(der)),
  };
  const changes: readonly (readonly [string, (test: ClientUnderTest) => Partial<DhcpClientOptions>])[] = [
    ['another link', ({ answer }) => ({ transport: new ScriptedLink(answer) })],
    ['other credentials', () => ({ signer })],
    ['another certificate inside', () => ({ privateSigner: signer })],
    ['other trust', ({ options }) => ({ trust: { ...options.trust } })],
  ];

  test.each(changes)('ends with %s', async (_, change) => {
    const server = start();
    const seen: number[] = [];
    const test = setUp({
      answer: (octets, now) => {
        seen.push(octets.readUInt8(0));
        return server.answer(octets, now);
      },
    });
    const lease = await test.client.obtain();
    const before = seen.length;
    expect(addresses(await test.next(change(test)).renew(lease))).toHaveLength(1);
    expect(seen.slice(before)).toEqual([request, query]);
  });

  test("ends with the server's certificate", async () => {
    const server = start();
    const contexts = new ContextKeeper();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    const { options } = test;
    await test.next({ contexts }).obtain();
    const ground = {
      transport: options.transport,
      signer: options.signer,
      querySigner: options.signer,
      trust: options.trust,
    };
    const goodUntil = contexts.find(ground, test.environment.now())?.server.goodUntil ?? 0;
    expect(goodUntil).toBeGreaterThan(test.environment.now());
    expect(contexts.find(ground, goodUntil)).toBeDefined();
    expect(contexts.find(ground, goodUntil + 1)).toBeUndefined();
  });
});
