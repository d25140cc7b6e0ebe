// SPDX-License-Identifier: MPL-2.0

/*
 * RequestHandler: what becomes of an Encrypted-Request. Sections of docs/protocol.md.
 *
 * | section | rule                                                            | tests in                         |
 * | ------- | --------------------------------------------------------------- | -------------------------------- |
 * | 3       | what an Encrypted-Reply has, and of which KEM its key is         | an Encrypted-Request             |
 * | 3, 7    | asking costs no public-key operation, and has a bounded rate     | an Encrypted-Request that shows nothing |
 * | 5.1, 6  | a credential that is shown is validated, and recorded            | an Encrypted-Request that shows a credential |
 * | 3       | three times as much as came, and Retries                         | the bound of three times         |
 * | 3, 6, 7 | what is refused, and leaves no record                            | an Encrypted-Request that is refused |
 * | 7       | cookies, limits of their own                                     | a verified cookie                |
 */

import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { encodeOptions } from '../../../src/dhcpv6';
import { defaultCodePoints, KemId, requireMessageSignature } from '../../../src/protocol';
import { type IssuedPki, serverIdentifier } from '../support/issued';
import {
  altered,
  ANNOUNCEMENTS,
  announced,
  answered,
  identified,
  refusal,
  start,
  World,
} from '../support/world';

const world = World.forEachTest({ failures: 3 });

/** A server whose announcement is some 3000 octets long. */
const withLongChain = ({ server, pki }: { readonly server: WorkerIdentity; readonly pki: IssuedPki }) => ({
  ...server,
  chain: [...server.chain, ...Array.from({ length: 5 }, () => pki.anchor)],
});

describe('an Encrypted-Request (section 3)', () => {
  test("is answered with the server's signed announcement, to its transaction", () => {
    const reply = announced(world.request(world.client(world.people.alice).plain()));
    expect(reply).toMatchObject({
      kind: 'announcement',
      serverIdentifier,
      timestamp: world.time(),
      kemList: world.part.offered,
      requestDigest: undefined,
      message: { transactionId: 7 },
    });
    expect(reply.credential).toEqual({ kind: 'certificate', certificates: world.part.keys.signer.chain });
    const { key } = world.part.keys.signer;
    expect(() => requireMessageSignature(defaultCodePoints, 'server', reply, key.public)).not.toThrow();
  });

  test.each([
    ['the first that the server offers', [0x0999, KemId.P384, KemId.X25519], KemId.P384],
    ['X25519 where it offers none', [0x0999], KemId.X25519],
  ])('has a key of its list: %s', (_, kemList, kemId) => {
    const { encryptionKey } = announced(world.request(world.client(world.people.alice).plain({ kemList })));
    expect(encryptionKey).toMatchObject({ kemId, publicKey: world.encryptionKey(kemId).octets });
  });

  test('has X25519 for what this server does not offer', async () => {
    await world.restart({ offered: [KemId.X25519] });
    const { encryptionKey, kemList } = announced(
      world.request(world.client(world.people.alice).plain({ kemList: [KemId.P256] })),
    );
    expect([encryptionKey.kemId, kemList]).toEqual([KemId.X25519, [KemId.X25519]]);
  });

  test.each([['plain' as const], ['shown' as const]])(
    'in the %s form with a Client Identifier is dropped',
    (form) => {
      const client = world.client(world.people.alice);
      const octets = Buffer.concat([client[form](), encodeOptions([identified(client.duid)])]);
      expect(() => world.request(octets)).toThrow(refusal('client-identifier-present'));
      expect([world.operations, world.part.table.size]).toEqual([0, 0]);
    },
  );
});

describe('an Encrypted-Request that shows nothing (sections 3 and 7)', () => {
  test('costs no public-key operation, and makes no record', () => {
    world.request(world.client(world.people.alice).plain());
    expect([world.operations, world.part.table.size]).toEqual([0, 0]);
  });

  test('is answered where the source is blocked', () => {
    world.block();
    const verdict = world.request(world.client(world.people.alice).plain());
    expect(announced(verdict).kind).toBe('announcement');
  });

  test('is answered by a Retry where there are too many without a cookie, and never with one', () => {
    const client = world.client(world.people.alice);
    const kinds = Array.from(
      { length: ANNOUNCEMENTS + 1 },
      () => answered(world.request(client.plain())).kind,
    );
    expect(kinds).toEqual([...Array.from({ length: ANNOUNCEMENTS }, () => 'announcement'), 'retry']);
    const cookie = answered(world.request(client.plain())).cookie;
    expect(answered(world.request(client.plain({ cookie }))).kind).toBe('announcement');
    expect(answered(world.request(client.plain())).kind).toBe('retry');
  });
});

describe('an Encrypted-Request that shows a credential (sections 5.1 and 6)', () => {
  test('is answered, and makes its key known', () => {
    const client = world.client(world.people.alice);
    const verdict = world.request(client.shown());
    expect(verdict).toMatchObject({ action: 'reply', text: 'CN=alice' });
    expect(announced(verdict).kind).toBe('announcement');
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('is recorded with a bare key, but not where the subnet demands a certificate, where it asks as anybody', () => {
    const client = world.client(world.people.bare);
    const kinds = Array.from(
      { length: ANNOUNCEMENTS + 1 },
      () => answered(world.request(client.shown(), { mode: 'authenticated' })).kind,
    );
    expect(kinds).toEqual([...Array.from({ length: ANNOUNCEMENTS }, () => 'announcement'), 'retry']);
    expect([world.operations, world.part.table.size]).toEqual([0, 0]);
    world.request(client.shown());
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('is recorded of a certified key where the subnet demands one', () => {
    const client = world.client(world.people.alice);
    world.request(client.shown(), { mode: 'authenticated' });
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('is recorded without the address of the client', () => {
    const octets = world.client(world.people.alice).shown();
    world.request(octets);
    expect(world.part.clients.findByAddress(world.datagram(octets).source)).toBeUndefined();
  });

  test('is not recorded where it is forged', () => {
    const forged = altered(world.client(world.people.bob).shown(), -1);
    expect(() => world.request(forged)).toThrow(refusal('signature-fail'));
    expect(world.part.table.size).toBe(0);
  });
});

describe('the bound of three times (section 3)', () => {
  /** What makes the announcement longer than three times a padded request. */
  const long = () => world.restart({ failures: 3, server: withLongChain(world.people) });

  test.each(['plain', 'shown'] as const)(
    'has a %s request answered by a Retry before anything is verified',
    async (form) => {
      await long();
      const client = world.client(world.people.alice);
      const retry = answered(world.request(client[form]()));
      expect(retry).toMatchObject({ kind: 'retry', serverIdentifier, message: { transactionId: 7 } });
      expect(retry.message.msgType).toBe(defaultCodePoints.messageTypes['encrypted-reply']);
      expect([world.operations, world.part.table.size]).toEqual([0, 0]);
    },
  );

  test.each(['plain', 'shown'] as const)(
    'does not hold for a %s request with the cookie of the Retry',
    async (form) => {
      await long();
      const client = world.client(world.people.alice);
      const { cookie } = answered(world.request(client[form]()));
      const verdict = world.request(client[form]({ cookie }));
      expect(announced(verdict).kind).toBe('announcement');
      expect(verdict.octets.length).toBeGreaterThan(3 * 640);
    },
  );

  test('has what is too short for a Retry dropped', () => {
    const list = encodeOptions([
      { code: defaultCodePoints.optionCodes['kem-list'], data: Buffer.of(0, 0x20) },
    ]);
    const octets = Buffer.concat([Buffer.of(253, 0, 0, 7), list]);
    expect(() => world.request(octets)).toThrow(refusal('amplification'));
    const cookie = encodeOptions([{ code: defaultCodePoints.optionCodes.cookie, data: world.cookie() }]);
    expect(answered(world.request(Buffer.concat([octets, cookie]))).kind).toBe('announcement');
  });
});

describe('an Encrypted-Request that is refused (sections 3, 6 and 7)', () => {
  afterEach(() => {
    expect(world.part.table.size).toBe(0);
  });

  test.each([-300_000, 300_000])('with a timestamp %d ms off costs no public-key operation', (offset) => {
    const octets = world.client(world.people.alice).shown({ timestamp: world.time(offset) });
    expect(() => world.request(octets)).toThrow(refusal('timestamp-fail'));
    expect(world.operations).toBe(0);
  });

  test('of a source that is blocked costs no public-key operation', () => {
    world.block();
    expect(() => world.request(world.client(world.people.alice).shown())).toThrow(refusal('blocklisted'));
    expect(world.operations).toBe(0);
  });

  test('whose signature is wrong', () => {
    const octets = altered(world.client(world.people.alice).shown(), -1);
    expect(() => world.request(octets)).toThrow(refusal('signature-fail'));
  });

  test("with another authority's certificate", () => {
    const octets = world.client(world.people.mallory).shown();
    expect(() => world.request(octets)).toThrow(refusal('authentication-fail'));
  });

  test('because a relay agent leaves no room for the answer costs no public-key operation', () => {
    const relayOptions = [{ code: 18, data: Buffer.alloc(65_400) }];
    const octets = world.client(world.people.alice).shown();
    expect(() => world.request(octets, { relayOptions })).toThrow(refusal('answer-too-long'));
    expect(world.operations).toBe(0);
  });
});

describe('a copy of an Encrypted-Request (section 6)', () => {
  test('is dropped, and the record stays', () => {
    const client = world.client(world.people.alice);
    const octets = client.shown();
    world.request(octets);
    expect(() => world.request(octets)).toThrow(refusal('replayed'));
    expect(world.lastTimestamp(client)).toBe(world.time());
  });
});

describe('a verified cookie (section 7)', () => {
  test('is of the source that it was made for, and lasts two hours', () => {
    const client = world.client(world.people.alice);
    world.block();
    const cookie = world.cookie();
    const isServed = (arrival = {}): boolean => {
      try {
        world.request(client.shown({ cookie }), arrival);
        return true;
      } catch {
        return false;
      }
    };
    world.block({ from: 'fe80::2' });
    expect([isServed(), isServed({ from: 'fe80::2' })]).toEqual([true, false]);
    world.block({ relayOptions: [] });
    expect(isServed({ relayOptions: [] })).toBe(false);
    world.now = start + 7200_000;
    world.block();
    expect(isServed()).toBe(false);
  });

  test('has a client served whose source is blocked by what came without one', () => {
    world.block();
    const client = world.client(world.people.alice);
    expect(() => world.request(client.shown())).toThrow(refusal('blocklisted'));
    world.request(client.shown({ cookie: world.cookie() }));
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('is blocked by itself, and its source without one is not', () => {
    const [alice, bob] = [world.client(world.people.alice), world.client(world.people.bob)];
    const cookie = world.cookie();
    world.block({}, cookie);
    expect(() => world.request(alice.shown({ cookie }))).toThrow(refusal('blocklisted'));
    world.request(alice.shown());
    world.now += 1000;
    world.request(bob.shown({ cookie: world.cookie() }));
    expect(world.lastTimestamp(bob)).toBe(world.time());
  });

  test('that does not verify is as none', () => {
    const cookie = altered(world.cookie(), -1);
    const client = world.client(world.people.alice);
    world.request(client.shown({ cookie }));
    world.block();
    world.now += 1000;
    expect(() => world.request(client.shown({ cookie }))).toThrow(refusal('blocklisted'));
  });
});
