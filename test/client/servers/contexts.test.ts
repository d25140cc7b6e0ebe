// SPDX-License-Identifier: MPL-2.0

import { ContextKeeper, type DhcpClientOptions } from '../../../src/client';
import { kemById, type KemPrivateKey, RecipientPrivateKey } from '../../../src/crypto';
import { MessageType } from '../../../src/dhcpv6';
import { KemId } from '../../../src/protocol';
import { identityOf } from '../../engine/support/vector-engine';
import {
  addresses,
  type ClientUnderTest,
  contextsOf,
  envelopeOf,
  setUp,
  types,
} from '../support/client-set-up';
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

describe('the context of a client (docs/protocol.md 4.1, 4.2)', () => {
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
      expect(new Set(contextsOf(test.link)).size).toBe(1);
      // Only the query that opens it carries enc.
      const encs = test.link.sent
        .filter((octets) => octets[0] === query)
        .map((octets) => envelopeOf(octets).enc);
      expect(encs.map(({ length }) => length)).toEqual([32, ...encs.slice(1).map(() => 0)]);
      // A new engine has neither the context nor a record of the client.
      server = start(solution);
      const again = await since(test, async () => {
        expect(addresses(await test.next().renew(lease))).toHaveLength(1);
      });
      // In solution A its announcement comes at once, in solution B its Retry: the client asks for the key.
      expect(again).toEqual(solution === 'A' ? [query, query] : [query, MessageType.Solicit, query]);
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

  test("ends with the server's certificate, and with its encryption key", async () => {
    const server = start();
    const contexts = new ContextKeeper();
    const test = setUp({ options: { contexts }, answer: (octets, now) => server.answer(octets, now) });
    await test.client.obtain();
    const { transport, signer: own, trust } = test.options;
    const find = (): unknown =>
      contexts.memoryOf({ transport, signer: own, trust }).find(duid.toString('hex'));
    const known = contexts.memoryOf({ transport, signer: own, trust }).find(duid.toString('hex'));
    const { goodUntil } = known!.server;
    expect(goodUntil).toBeGreaterThan(test.environment.now());
    expect(known!.announced.keyEndsAt).toBeGreaterThan(goodUntil);
    test.environment.pass(goodUntil - test.environment.now());
    expect(find()).toBe(known);
    test.environment.pass(1);
    expect(find()).toBeUndefined();
    expect(known!.openContext).toBeUndefined();
  });

  test('a later key of the server takes its place, and one that is not later does not', async () => {
    const server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    await test.client.obtain();
    const before = new Set(contextsOf(test.link));
    await test.next().obtain();
    // The same key, told later: the context goes on.
    expect(new Set(contextsOf(test.link))).toEqual(before);
  });

  test('no transaction-id is used twice in it', async () => {
    const server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    const lease = await test.client.obtain();
    const used = test.link.sent.filter(([type]) => type === query).map((octets) => octets.readUIntBE(1, 3));
    // The source of randomness draws the same ones again.
    test.environment.repeatTransactionIds();
    await test.next().renew(lease);
    await test.next().renew(lease);
    const later = test.link.sent.filter(([type]) => type === query).map((octets) => octets.readUIntBE(1, 3));
    expect(later.slice(0, used.length)).toEqual(used);
    expect(new Set(later).size).toBe(later.length);
    expect(new Set(contextsOf(test.link)).size).toBe(1);
  });

  test('its keys are erased with it: it seals and opens nothing any more', async () => {
    const server = start();
    const contexts = new ContextKeeper();
    const test = setUp({ options: { contexts }, answer: (octets, now) => server.answer(octets, now) });
    await test.client.obtain();
    const { transport, signer: own, trust } = test.options;
    const open = contexts.memoryOf({ transport, signer: own, trust }).open[0]!.openContext!;
    const message = { msgType: MessageType.Renew, transactionId: 1, options: [] };
    expect(() => open.query.seal(message)).not.toThrow();
    // Another link.
    contexts.memoryOf({ transport: new ScriptedLink(test.answer), signer: own, trust });
    expect(() => open.query.seal(message)).toThrow();
  });

  test('ends after 2^32 - 1 messages', async () => {
    const server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    const lease = await test.client.obtain();
    const { transport, signer: own, trust } = test.options;
    const known = test.options
      .contexts!.memoryOf({ transport, signer: own, trust })
      .find(duid.toString('hex'))!;
    Object.assign(known.openContext!.query['sealing']['context'], { sequence: 2 ** 32 - 3 });
    await test.next().renew(lease);
    expect(known.openContext).toBeDefined();
    await test.next().renew(lease);
    expect(known.openContext).toBeUndefined();
    expect(addresses(await test.next().renew(lease))).toHaveLength(1);
    expect(await since(test, () => test.next().release(lease))).toEqual([query]);
    const contexts = contextsOf(test.link);
    expect(new Set(contexts.slice(0, 4)).size).toBe(1);
    expect(new Set(contexts.slice(4)).size).toBe(1);
    expect(contexts[4]).not.toBe(contexts[3]);
  });

  test('each context has an Encryption Key and an identifier of its own', async () => {
    const server = start();
    const test = setUp({ answer: (octets, now) => server.answer(octets, now) });
    await test.client.obtain();
    await test.next({ contexts: new ContextKeeper() }).obtain();
    const opening = test.link.sent.filter(([type]) => type === query).map((octets) => envelopeOf(octets));
    expect(new Set(opening.map(({ contextIdentifier }) => contextIdentifier.toString('hex'))).size).toBe(2);
    expect(new Set(opening.flatMap(({ enc }) => (enc.length === 0 ? [] : [enc.toString('hex')]))).size).toBe(
      2,
    );
  });
});

describe("the client's Encryption Keys (docs/protocol.md 2)", () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test.each(['A', 'B'] as const)(
    'solution %s: a new one for each context, and for each exchange that a Solicit begins; erased with it',
    async (solution) => {
      const made: KemPrivateKey[] = [];
      const x25519 = kemById(KemId.X25519);
      const generate = x25519.generateKeyPair.bind(x25519);
      jest.spyOn(x25519, 'generateKeyPair').mockImplementation((random) => {
        const key = generate(random);
        made.push(key);
        return key;
      });
      const isErased = (key: KemPrivateKey): boolean => {
        try {
          key.serialize();
          return false;
        } catch {
          return true;
        }
      };
      const server = start(solution);
      let queries = 0;
      const test = setUp({
        solution,
        answer: (octets, now) =>
          octets[0] === query && (queries += 1) === 1 ? Promise.resolve([]) : server.answer(octets, now),
      });
      await test.client.obtain();
      // The context in which nothing was answered is erased; the one in use is not.
      const solicits = solution === 'B' ? [true] : [];
      expect(made.map(isErased)).toEqual([...solicits, true, false]);
      test.options.contexts!.erase();
      expect(made.map(isErased)).toEqual([...solicits, true, true]);
    },
  );
});
