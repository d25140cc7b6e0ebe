// SPDX-License-Identifier: MPL-2.0

/*
 * QueryHandler: what becomes of an Encrypted-Query. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 3, 4    | the form of the outer message and of the envelope           | a query that is not opened                |
 * | 4.1     | contexts: sequence numbers, suite, recipient, how many      | a query in an open context                |
 * | 4.3, 6  | the proof that opens a context, and what is recorded of it  | a query that opens a context              |
 * | 4.3     | what Kea gets                                               | the message that Kea gets                 |
 * | 4.5     | clients that are known by their address                     | a query without a proof                   |
 * | 7       | the blocklist stops what opens a context, and nothing else  | a query of a blocked source               |
 * | 8       | whose a Client Identifier is                                | the Client Identifier of a query          |
 */

import { encodeTimestamp } from '../../../src/crypto';
import { decodeMessage, OptionCode } from '../../../src/dhcpv6';
import { defaultCodePoints } from '../../../src/protocol';
import { duid } from '../key-table/support/clients';
import { altered, refusal, type TestContext, World } from '../support/world';

/** Where an Encrypted-Query has its envelope: behind the header and a Server Identifier of 10 octets. */
const envelope = 22;
const { optionCodes } = defaultCodePoints;

const world = World.forEachTest({ failures: 3 });

/** Of a refused query: no context, no record, and no more than the first of its public-key operations. */
function expectNothingLeft(): void {
  expect(world.part.contexts.size).toBe(0);
  expect([world.part.table.size, world.bound]).toEqual([0, []]);
}

describe('a query that is not opened (sections 3 and 4)', () => {
  const opening = (context?: TestContext) =>
    (context ?? world.client(world.people.alice).context()).query({ signed: 'credential' });

  test('is one with the Server Identifier of another server', () => {
    const other = Buffer.from('00030001000000000000', 'hex');
    const context = world.client(world.people.alice).context(world.people.server, other);
    expect(() => world.query(opening(context))).toThrow(refusal('server-identifier-mismatch'));
  });

  test('is one for a key that the server has not', () => {
    const context = world.client(world.people.alice).context(world.people.bob);
    expect(() => world.query(opening(context))).toThrow(refusal('recipient-unknown'));
  });

  test('is one in another HPKE mode than base', () => {
    const octets = altered(opening(), envelope + 1);
    expect(() => world.query(octets)).toThrow(refusal('envelope-mode'));
  });

  test('costs no public-key operation', () => {
    for (const at of [envelope, envelope + 1, envelope + 8, 10]) {
      expect(() => world.query(altered(opening(), at))).toThrow();
    }
    expect(world.operations).toBe(0);
    expectNothingLeft();
  });

  test('is one whose AEAD tag is wrong', () => {
    expect(() => world.query(altered(opening(), -1))).toThrow(refusal('envelope-open-fail'));
    expectNothingLeft();
  });
});

describe('a query in an open context (section 4.1)', () => {
  test('needs no proof', () => {
    const context = world.client(world.people.alice).opened();
    const operations = world.operations;
    expect(world.query(context.query())).toMatchObject({ action: 'replace', credential: 'certificate' });
    expect(world.operations).toBe(operations);
  });

  test('is known for one before it is decrypted', () => {
    const context = world.client(world.people.alice).context();
    const kind = (octets: Buffer) => world.part.queries.taskFor(world.datagram(octets)).kind;
    const opening = context.query({ signed: 'credential' });
    expect(kind(opening)).toBe('opening-query');
    world.query(opening);
    expect(kind(context.query())).toBe('query');
  });

  test('is served once for each sequence number, in any order', () => {
    const context = world.client(world.people.alice).opened();
    const [first, second] = [context.query(), context.query()];
    expect(world.query(second)).toMatchObject({ action: 'replace' });
    expect(world.query(first)).toMatchObject({ action: 'replace' });
    expect(() => world.query(first)).toThrow(refusal('replayed'));
  });

  test('does not use up its sequence number where its tag is wrong', () => {
    const octets = world.client(world.people.alice).opened().query();
    expect(() => world.query(altered(octets, -1))).toThrow(refusal('envelope-open-fail'));
    expect(world.query(octets)).toMatchObject({ action: 'replace' });
  });

  test('keeps to the suite that the context was opened with', () => {
    const octets = world.client(world.people.alice).opened().query();
    octets.writeUInt16BE(3, envelope + 6);
    expect(() => world.query(octets)).toThrow(refusal('context-mismatch'));
  });

  test('keeps to the key that the context was opened with', async () => {
    const previous = await world.people.pki.issue('server', 'previous');
    await world.restart({ previous: [previous] });
    const client = world.client(world.people.alice);
    const octets = client.opened().query();
    const tag = client
      .context(previous)
      .query()
      .subarray(envelope + 8, envelope + 16);
    tag.copy(octets, envelope + 8);
    expect(() => world.query(octets)).toThrow(refusal('context-mismatch'));
    expect(world.query(client.context(previous).query({ signed: 'key' }))).toMatchObject({
      action: 'replace',
    });
  });

  test('is refused when the certificate of the client has ended', () => {
    const context = world.client(world.people.alice).opened();
    world.now += 98 * 86_400_000;
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    world.now += 86_400_000;
    expect(() => world.query(context.query())).toThrow(refusal('key-unknown'));
  });

  test('is refused in a context that is closed, signed or not', () => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    world.part.contexts.removeKey(client.keyId);
    expect(() => world.query(context.query())).toThrow(refusal('replayed'));
    expect(() => world.query(context.query({ signed: 'key' }))).toThrow(refusal('replayed'));
  });

  test('of one key finds sixteen contexts: one more closes the first, and no other key has fewer', () => {
    const other = world.client(world.people.bob).opened();
    const client = world.client(world.people.alice);
    const [first, ...others] = Array.from({ length: 16 }, () => client.opened());
    expect(world.query(first!.query())).toMatchObject({ action: 'replace' });
    const last = client.opened();
    expect(() => world.query(first!.query())).toThrow(refusal('replayed'));
    for (const context of [...others, last, other]) {
      expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    }
  });

  test('with a proof has its timestamp recorded, since a copy could open a context elsewhere', () => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    expect(world.query(context.query({ signed: 'key' }))).toMatchObject({ action: 'replace' });
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('with a proof whose timestamp is not newer is served all the same, and nothing is recorded', () => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    const before = world.lastTimestamp(client);
    const octets = context.query({ signed: 'key', timestamp: before! });
    expect(world.query(octets)).toMatchObject({ action: 'replace' });
    expect(world.lastTimestamp(client)).toBe(before);
  });

  test('with the proof of another key is refused, and nothing is recorded', () => {
    const [client, other] = [world.client(world.people.alice), world.authenticated(world.people.bob)];
    const context = client.opened();
    const before = world.lastTimestamp(client);
    for (const [keyId, reason] of [
      [other.keyId, 'key-identifier-mismatch'],
      [client.keyId, 'signature-fail'],
    ] as const) {
      expect(() => world.query(context.query({ options: unsigned(keyId) }))).toThrow(refusal(reason));
    }
    expect(world.lastTimestamp(client)).toBe(before);
  });
});

/** A proof whose signature is none. */
function unsigned(keyId: Buffer) {
  return [
    { code: optionCodes['key-identifier'], data: keyId },
    { code: optionCodes.timestamp, data: encodeTimestamp(world.time()) },
    { code: optionCodes.signature, data: Buffer.concat([Buffer.of(1, 2), Buffer.alloc(64)]) },
  ];
}

describe('a query that opens a context (sections 4.3 and 6)', () => {
  test('of a known key is signed, and recorded', () => {
    const client = world.authenticated(world.people.alice);
    expect(world.query(client.context().query({ signed: 'key' }))).toMatchObject({ action: 'replace' });
    expect(world.lastTimestamp(client)).toBe(world.time());
    expect(world.part.contexts.size).toBe(1);
  });

  test('of a key that is not known is refused without its credential, and served with it', () => {
    const client = world.client(world.people.alice);
    expect(() => world.query(client.context().query({ signed: 'key' }))).toThrow(refusal('key-unknown'));
    expectNothingLeft();
    expect(world.query(client.context().query({ signed: 'credential' }))).toMatchObject({
      action: 'replace',
    });
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test("is refused with another authority's certificate", () => {
    const context = world.client(world.people.mallory).context();
    expect(() => world.query(context.query({ signed: 'credential' }))).toThrow(
      refusal('authentication-fail'),
    );
    expectNothingLeft();
  });

  test.each([
    ['Key Identifier', optionCodes['key-identifier']],
    ['Timestamp', optionCodes.timestamp],
    ['Signature', optionCodes.signature],
  ])('is refused without %s', (_, left) => {
    const client = world.client(world.people.alice);
    const options = unsigned(client.keyId).filter(({ code }) => code !== left);
    expect(() => world.query(client.context().query({ options }))).toThrow(refusal('query-unsigned'));
    expectNothingLeft();
  });

  test('is refused where its signature is wrong, and its timestamp is not used up', () => {
    const client = world.authenticated(world.people.alice);
    const before = world.lastTimestamp(client);
    const octets = client.context().query({ options: unsigned(client.keyId) });
    expect(() => world.query(octets)).toThrow(refusal('signature-fail'));
    expect(world.lastTimestamp(client)).toBe(before);
    expect(world.part.contexts.size).toBe(0);
    expect(world.query(client.context().query({ signed: 'key' }))).toMatchObject({ action: 'replace' });
  });

  test('is refused where its Key Identifier is not of the credential inside', () => {
    const [alice, bob] = [world.client(world.people.alice), world.client(world.people.bob)];
    const certificate = { code: optionCodes.certificate, data: alice.signer.chain[0]! };
    const octets = bob.context().query({ options: [certificate, ...unsigned(bob.keyId)] });
    expect(() => world.query(octets)).toThrow(refusal('key-identifier-mismatch'));
    expectNothingLeft();
  });

  test.each([-300_000, 300_000])('is refused with a timestamp %d ms off, before its signature', (offset) => {
    const context = world.client(world.people.alice).context();
    const octets = context.query({ signed: 'credential', timestamp: world.time(offset) });
    expect(() => world.query(octets)).toThrow(refusal('timestamp-fail'));
    // The decapsulation.
    expect(world.operations).toBe(1);
    expectNothingLeft();
  });

  test('opens one context for each timestamp', () => {
    const client = world.client(world.people.alice);
    const [one, other] = [client.context(), client.context()];
    expect(world.query(one.query({ signed: 'credential' }))).toMatchObject({ action: 'replace' });
    expect(() => world.query(other.query({ signed: 'credential' }))).toThrow(refusal('timestamp-fail'));
    expect(world.part.contexts.size).toBe(1);
  });

  test('of a bare key is refused where the subnet demands a certificate, and nothing is recorded', () => {
    const client = world.authenticated(world.people.bare);
    const before = world.lastTimestamp(client);
    for (const signed of ['key', 'credential'] as const) {
      const octets = client.context().query({ signed });
      expect(() => world.query(octets, { mode: 'authenticated' })).toThrow(refusal('mode-refused'));
    }
    expect(world.lastTimestamp(client)).toBe(before);
    const certified = world.client(world.people.alice).context().query({ signed: 'credential' });
    expect(world.query(certified, { mode: 'authenticated' })).toMatchObject({ action: 'replace' });
  });
});

describe('the message that Kea gets (section 4.3)', () => {
  test('has none of the options of the encryption', () => {
    const context = world.client(world.people.alice).context();
    const verdict = world.query(
      context.query({ signed: 'credential', options: [{ code: 14, data: Buffer.alloc(0) }] }),
    );
    const { options, transactionId } = decodeMessage(verdict.octets);
    expect(options.map(({ code }) => code)).toEqual([OptionCode.ClientIdentifier, 14]);
    expect(transactionId).toBe(7);
  });

  test('is in the Relay-forward that the query came in', () => {
    const relayOptions = [{ code: OptionCode.InterfaceId, data: Buffer.from('eth0') }];
    const octets = world.client(world.people.alice).context().query({ signed: 'credential' });
    const verdict = world.query(octets, { relayOptions });
    const relayed = world.datagram(verdict.octets).nest;
    expect(relayed.levels[0]?.options[0]).toMatchObject(relayOptions[0]!);
    expect(relayed.message[0]).toBe(1);
  });
});

describe('a query without a proof (section 4.5)', () => {
  const unproved = () => world.client(world.people.alice).context().query();

  test('is refused, where clients sign', () => {
    world.authenticated(world.people.alice);
    expect(() => world.query(unproved())).toThrow(refusal('query-unsigned'));
    expect(world.part.contexts.size).toBe(0);
  });

  test('is of the client that last authenticated from its address, where clients are known by that', async () => {
    await world.restart({ queryAuthentication: 'address' });
    world.authenticated(world.people.alice);
    expect(world.query(unproved())).toMatchObject({ action: 'replace', text: 'CN=alice' });
  });

  test('is refused from an address that nobody has authenticated from', async () => {
    await world.restart({ queryAuthentication: 'address' });
    world.authenticated(world.people.alice);
    expect(() => world.query(unproved(), { from: 'fe80::2' })).toThrow(refusal('key-unknown'));
    expect(world.part.contexts.size).toBe(0);
  });
});

describe('a query of a blocked source (section 7)', () => {
  const block = () => {
    const { client = '' } = world.datagram(Buffer.of(1)).source;
    [1, 2, 3].forEach(() => world.part.blocklist.fail(client, world.now));
  };

  test('opens no context, and costs no public-key operation', () => {
    const octets = world.client(world.people.alice).context().query({ signed: 'credential' });
    block();
    expect(() => world.query(octets)).toThrow(refusal('blocklisted'));
    expect(world.operations).toBe(0);
    expectNothingLeft();
    expect(world.query(octets, { from: 'fe80::2' })).toMatchObject({ action: 'replace' });
  });

  test('is served in an open context', () => {
    const context = world.client(world.people.alice).opened();
    block();
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
  });
});

describe('the Client Identifier of a query (section 8)', () => {
  const handleOf = (octets: Buffer): number => world.query(octets).handle;

  test('is bound at once where it is derived from the key', () => {
    const client = world.client(world.people.alice);
    world.query(client.context().query({ signed: 'credential' }));
    expect(world.bound).toEqual([client.duid.toString('hex')]);
  });

  test('makes another handle of the same context where it is bound when Kea has answered', () => {
    const context = world.client(world.people.alice).opened();
    const settled = handleOf(context.query());
    expect(handleOf(context.query({ duid: duid('own') }))).toBe(settled + 1);
    expect(handleOf(context.query())).toBe(settled);
    expect(world.part.table.isBound(duid('own'))).toBe(false);
  });

  test('of another key is refused', () => {
    const [alice, bob] = [world.client(world.people.alice), world.authenticated(world.people.bob)];
    const context = alice.opened();
    expect(() => world.query(context.query({ duid: bob.duid }))).toThrow(refusal('client-identifier-bound'));
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
  });

  test('is no other than the derived one of a bare key, and one that is opens no context', () => {
    const client = world.client(world.people.bare);
    const octets = client.context().query({ signed: 'credential', duid: duid('own') });
    expect(() => world.query(octets)).toThrow(refusal('client-identifier-not-derived'));
    expect(world.part.contexts.size).toBe(0);
  });
});
