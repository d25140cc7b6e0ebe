// SPDX-License-Identifier: MPL-2.0

/*
 * QueryHandler: what becomes of an Encrypted-Query. Sections of docs/protocol.md.
 *
 * | section | rule                                                             | tests in                                  |
 * | ------- | ---------------------------------------------------------------- | ----------------------------------------- |
 * | 3, 4    | the form of the outer message and of the envelope                | a query that is not opened                |
 * | 3       | unknown tag or context: the announcement, in solution B a Retry  | a query in no known context               |
 * | 4.1     | enc, sequence numbers, suite, how many contexts                  | a query in an open context                |
 * | 4.1     | contexts of one identifier                                       | contexts of one identifier                |
 * | 4.2, 6  | the proof that opens a context, and what is recorded of it       | a query that opens a context              |
 * | 4.2     | the options of a proof in an open context                        | a proof in an open context                |
 * | 4.2     | what Kea gets                                                    | the message that Kea gets                 |
 * | 7       | the blocklist stops what opens a context, and nothing else       | a query of a blocked source               |
 * | 8       | whose a Client Identifier is, and what a client is told          | the Client Identifier of a query          |
 */

import { randomBytes } from 'node:crypto';
import { encodeTimestamp, kemById } from '../../../src/crypto';
import { decodeMessage, type DhcpOption, encodeOptions, OptionCode } from '../../../src/dhcpv6';
import { countsAgainstSource } from '../../../src/engine/packet/counted-failures';
import { defaultCodePoints, KemId } from '../../../src/protocol';
import { duid } from '../key-table/support/clients';
import { serverIdentifier } from '../support/issued';
import {
  keysWithoutAgreement,
  altered,
  ANNOUNCEMENTS,
  announced,
  answer,
  answered,
  refusal,
  type TestClient,
  type TestContext,
  World,
} from '../support/world';

/** Where an Encrypted-Query has its envelope: behind the header and a Server Identifier of 10 octets. */
const envelope = 22;
const { optionCodes, messageTypes } = defaultCodePoints;

const world = World.forEachTest({ failures: 3 });

/** Of a refused query: no context, no record. */
function expectNothingLeft(): void {
  expect(world.part.contexts.size).toBe(0);
  expect(world.part.table.size).toBe(0);
}

/** Another key of X25519 than the server's. */
const otherKey = () => kemById(KemId.X25519).generateKeyPair(randomBytes).public;

describe('a query that is not opened (sections 3 and 4)', () => {
  const opening = () => world.client(world.people.alice).context().opening();

  test('is one with the Server Identifier of another server', () => {
    const identifier = Buffer.from('00030001000000000000', 'hex');
    const context = world.client(world.people.alice).context({ identifier });
    expect(() => world.query(context.opening())).toThrow(refusal('server-identifier-mismatch'));
  });

  test('is one in another HPKE mode than base', () => {
    expect(() => world.query(altered(opening(), envelope + 1))).toThrow(refusal('envelope-mode'));
  });

  test('is one of another suite than its key’s', () => {
    const octets = opening();
    octets.writeUInt16BE(KemId.P256, envelope + 2);
    expect(() => world.query(octets)).toThrow(refusal('envelope-suite'));
    octets.writeUInt16BE(KemId.X25519, envelope + 2);
    octets.writeUInt16BE(0x0009, envelope + 6);
    expect(() => world.query(octets)).toThrow(refusal('envelope-suite'));
  });

  test('is one with more than its options', () => {
    const more = encodeOptions([{ code: optionCodes.padding, data: Buffer.alloc(3) }]);
    expect(() => world.query(Buffer.concat([opening(), more]))).toThrow(refusal('option-unexpected'));
  });

  test('costs no public-key operation', () => {
    for (const at of [envelope, envelope + 1, envelope + 5, 10]) {
      expect(() => world.query(altered(opening(), at))).toThrow();
    }
    expect(world.operations).toBe(0);
    expectNothingLeft();
  });

  test('is one whose AEAD tag is wrong', () => {
    expect(() => world.query(altered(opening(), -1))).toThrow(refusal('envelope-open-fail'));
    expectNothingLeft();
  });

  test('is one whose enc its KEM refuses', () => {
    const octets = opening();
    octets.fill(0, envelope + 38, envelope + 38 + 32);
    expect(() => world.query(octets)).toThrow(refusal('envelope-open-fail'));
    expectNothingLeft();
  });
});

describe('a query in no known context (section 3)', () => {
  const unknownTag = (cookie?: Buffer) =>
    world.client(world.people.alice).context({ recipient: otherKey() }).opening({ cookie, isShown: false });
  const unknownContext = (cookie?: Buffer) => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    world.part.contexts.removeKey(client.keyId);
    return context.query({ cookie });
  };

  test.each([
    ['of a tag that is unknown', unknownTag],
    ['without enc, of a context that is unknown', unknownContext],
  ])('%s, is answered by the announcement with its transaction-id', (_, query) => {
    const octets = query();
    const before = world.operations;
    const reply = announced(world.answerTo(octets));
    expect(reply).toMatchObject({ kind: 'announcement', message: { transactionId: 7 } });
    expect(reply.encryptionKey.publicKey).toEqual(world.encryptionKey().octets);
    expect(world.operations).toBe(before);
    expect(world.part.contexts.size).toBe(0);
  });

  test.each([
    [KemId.P256, [KemId.X25519, KemId.P256], KemId.P256],
    [KemId.P256, [KemId.X25519], KemId.X25519],
  ])('to a key of KEM %d is told one of it where the server offers it: %p', async (kemId, offered, told) => {
    await world.restart({ offered });
    const recipient = kemById(kemId).generateKeyPair(randomBytes).public;
    const octets = world.client(world.people.alice).context({ recipient }).opening();
    expect(announced(world.answerTo(octets)).encryptionKey.kemId).toBe(told);
  });

  test('is answered by a Retry where there are too many without a cookie, and never with one', () => {
    const kinds = Array.from(
      { length: ANNOUNCEMENTS + 1 },
      () => answered(world.answerTo(unknownTag())).kind,
    );
    expect(kinds).toEqual([...Array.from({ length: ANNOUNCEMENTS }, () => 'announcement'), 'retry']);
    expect(announced(world.answerTo(unknownTag(world.cookie()))).kind).toBe('announcement');
  });

  test('is answered by a Retry where the announcement is more than three times as long, and with its cookie by that', async () => {
    const { server, pki } = world.people;
    await world.restart({
      server: { ...server, chain: [...server.chain, ...Array.from({ length: 5 }, () => pki.anchor)] },
    });
    const retry = answered(world.answerTo(unknownTag()));
    expect(retry.kind).toBe('retry');
    expect(retry.message.msgType).toBe(messageTypes['encrypted-response']);
    expect(announced(world.answerTo(unknownTag(retry.cookie))).kind).toBe('announcement');
  });

  test('is always answered by a Retry in solution B', async () => {
    await world.restart({ solution: 'B' });
    for (const cookie of [undefined, world.cookie()]) {
      const retry = answered(world.answerTo(unknownTag(cookie)));
      expect(retry).toMatchObject({ kind: 'retry', serverIdentifier, message: { transactionId: 7 } });
      expect(retry.message.msgType).toBe(messageTypes['encrypted-response']);
    }
  });

  test('is answered where its source is blocked, and is no failure', () => {
    world.block();
    expect(announced(world.answerTo(unknownTag())).kind).toBe('announcement');
  });

  test('is one to a key that has ended', () => {
    const octets = world.client(world.people.alice).context().opening();
    const { encryptionKeys } = world.part;
    const [x25519] = encryptionKeys.keys.filter(({ privateKey }) => privateKey.kemId === KemId.X25519);
    world.part.encryptionKeys.add({ ...x25519!, endsAt: world.now });
    world.part.encryptionKeys.add({ ...x25519!, tag: Buffer.alloc(8), endsAt: world.now + 1000 });
    expect(announced(world.answerTo(octets)).kind).toBe('announcement');
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
    const opening = context.opening();
    expect(kind(opening)).toBe('opening-query');
    context.open(world.part.answers.seal(world.query(opening).handle, answer()).octets);
    expect(kind(context.query())).toBe('query');
  });

  test('is a copy where it carries the enc of the context: dropped, and not counted', () => {
    const context = world.client(world.people.alice).context();
    const opening = context.opening();
    const handle = world.query(opening).handle;
    const before = world.operations;
    for (const octets of [opening, context.query(), altered(opening, -1)]) {
      expect(() => world.query(octets)).toThrow(refusal('replayed'));
    }
    expect(countsAgainstSource('replayed')).toBe(false);
    expect(world.operations).toBe(before);
    // What was copied goes on.
    context.open(world.part.answers.seal(handle, answer()).octets);
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
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

  test('keeps to the key that the context was opened to', () => {
    const client = world.client(world.people.alice);
    const octets = client.opened().query();
    const tag = client
      .context({ kemId: KemId.P256 })
      .opening()
      .subarray(envelope + 8, envelope + 16);
    tag.copy(octets, envelope + 8);
    expect(announced(world.answerTo(octets)).kind).toBe('announcement');
  });

  test('is refused when the certificate of the client has ended', () => {
    const context = world.client(world.people.alice).opened();
    world.now += 98 * 86_400_000;
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    world.now += 86_400_000;
    expect(() => world.query(context.query())).toThrow(refusal('key-unknown'));
  });

  test('of one key finds sixteen contexts: one more ends the one used longest ago, and no other key has fewer', () => {
    const other = world.client(world.people.bob).opened();
    const client = world.client(world.people.alice);
    const [first, second, ...others] = Array.from({ length: 16 }, () => client.opened());
    expect(world.query(first!.query())).toMatchObject({ action: 'replace' });
    const last = client.opened();
    expect(announced(world.answerTo(second!.query())).kind).toBe('announcement');
    for (const context of [first!, ...others, last, other]) {
      expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    }
  });

  test('of all finds as many as there may be: one more ends the one used longest ago', async () => {
    await world.restart({ maximumContexts: 2 });
    const [first, second] = [
      world.client(world.people.alice).opened(),
      world.client(world.people.bob).opened(),
    ];
    world.query(first.query());
    world.client(world.people.bare).opened();
    expect(world.query(first.query())).toMatchObject({ action: 'replace' });
    expect(announced(world.answerTo(second.query())).kind).toBe('announcement');
  });

  test('is the last of 2^32 - 1 in it: answered, and the context ends', () => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    context.leave(2);
    const [early, last] = [context.query(), context.query()];
    const [first, second] = [world.query(early), world.query(last)].map(({ handle }) => handle);
    context.open(world.part.answers.seal(second!, answer()).octets);
    expect(world.part.contexts.size).toBe(0);
    // What is still to be answered goes with it.
    expect(() => world.part.answers.seal(first!, answer())).toThrow(refusal('answer-unexpected'));
    expect(() => context.query()).toThrow('last sequence number');
    expect(announced(world.answerTo(early)).kind).toBe('announcement');
    expect(world.query(client.opened().query())).toMatchObject({ action: 'replace' });
  });

  test('is of the mode of its subnet: a bare key is not served where a certificate is demanded', () => {
    const context = world.client(world.people.bare).opened();
    expect(() => world.query(context.query(), { mode: 'authenticated' })).toThrow(refusal('mode-refused'));
    expect(world.query(context.query())).toMatchObject({ credential: 'public-key' });
  });
});

describe('contexts of one identifier (section 4.1)', () => {
  const contextIdentifier = Buffer.alloc(16, 5);
  const openedBy = (client: TestClient): TestContext => client.opened({ contextIdentifier });

  test('are four, and each is found; a fifth is dropped, and none is ended for it', () => {
    const [alice, bob] = [world.client(world.people.alice), world.client(world.people.bob)];
    const contexts = [openedBy(alice), openedBy(bob), openedBy(alice), openedBy(bob)];
    const before = world.operations;
    const fifth = alice.context({ contextIdentifier }).opening();
    expect(() => world.query(fifth)).toThrow(refusal('context-mismatch'));
    expect(countsAgainstSource('context-mismatch')).toBe(false);
    expect(world.operations).toBe(before);
    for (const context of contexts) {
      expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    }
    const other = alice.context({ contextIdentifier: Buffer.alloc(16, 6) });
    expect(world.query(other.opening())).toMatchObject({ action: 'replace' });
  });

  test('make no failure of a copy of a query in one of them', () => {
    const alice = openedBy(world.client(world.people.alice));
    openedBy(world.client(world.people.bob));
    const octets = alice.query();
    world.query(octets);
    expect(() => world.query(octets)).toThrow(refusal('replayed'));
  });

  test('refuse what opens in none of them', () => {
    const [alice] = [openedBy(world.client(world.people.alice)), openedBy(world.client(world.people.bob))];
    expect(() => world.query(altered(alice.query(), -1))).toThrow(refusal('envelope-open-fail'));
  });

  test('of another encryption key are others', () => {
    const client = world.client(world.people.alice);
    for (let n = 0; n < 4; n += 1) {
      openedBy(client);
    }
    const other = client.context({ contextIdentifier, kemId: KemId.P256 });
    expect(world.query(other.opening())).toMatchObject({ action: 'replace' });
  });
});

/** A proof whose signature is none. */
function unsigned(client: TestClient, keyId = client.keyId): DhcpOption[] {
  const { kemId, octets } = client.own.public;
  const head = Buffer.from([kemId >> 8, kemId & 0xff, 0xff, 0xff, 0xff, 0xff]);
  return [
    { code: optionCodes['encryption-key'], data: Buffer.concat([head, octets]) },
    { code: optionCodes['key-identifier'], data: keyId },
    { code: optionCodes.timestamp, data: encodeTimestamp(world.time()) },
    { code: optionCodes.signature, data: Buffer.concat([Buffer.of(1, 0x82), Buffer.alloc(64)]) },
  ];
}

describe('a query that opens a context (sections 4.2 and 6)', () => {
  test('of a known key is signed, and recorded', () => {
    const client = world.authenticated(world.people.alice);
    expect(world.query(client.context().opening({ isShown: false }))).toMatchObject({ action: 'replace' });
    expect(world.lastTimestamp(client)).toBe(world.time());
    expect(world.part.contexts.size).toBe(1);
  });

  test('of a key that is not known is refused without its credential, and served with it', () => {
    const client = world.client(world.people.alice);
    expect(() => world.query(client.context().opening({ isShown: false }))).toThrow(refusal('key-unknown'));
    expectNothingLeft();
    expect(world.query(client.context().opening())).toMatchObject({ action: 'replace' });
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test("is refused with another authority's certificate", () => {
    const context = world.client(world.people.mallory).context();
    expect(() => world.query(context.opening())).toThrow(refusal('authentication-fail'));
    expectNothingLeft();
  });

  test.each(['key-identifier', 'timestamp', 'signature', 'encryption-key'] as const)(
    'is refused without %s',
    (left) => {
      const client = world.client(world.people.alice);
      const context = client.context();
      const options = unsigned(client).filter(({ code }) => code !== optionCodes[left]);
      expect(() => world.query(context.query({ options }))).toThrow(refusal('query-unsigned'));
      expect(countsAgainstSource('query-unsigned')).toBe(true);
      expectNothingLeft();
    },
  );

  test('is refused where it proves nothing at all', () => {
    expect(() => world.query(world.client(world.people.alice).context().query())).toThrow(
      refusal('query-unsigned'),
    );
    expectNothingLeft();
  });

  test('is refused where a known key’s signature is wrong, and its timestamp is not used up', () => {
    const client = world.authenticated(world.people.alice);
    const before = world.lastTimestamp(client);
    const context = client.context();
    // It may be another key's: the client sends its credential.
    expect(() => world.query(context.query({ options: unsigned(client) }))).toThrow(
      refusal('authentication-fail'),
    );
    expect(world.lastTimestamp(client)).toBe(before);
    expect(world.part.contexts.size).toBe(0);
    expect(world.query(client.context().opening({ isShown: false }))).toMatchObject({ action: 'replace' });
  });

  test('is refused where the signature is wrong of the credential inside', () => {
    const client = world.client(world.people.alice);
    const certificate = { code: optionCodes.certificate, data: client.signer.chain[0]! };
    const context = client.context();
    const octets = context.query({ options: [certificate, ...unsigned(client)] });
    expect(() => world.query(octets)).toThrow(refusal('signature-fail'));
    expectNothingLeft();
  });

  test('is refused where its Key Identifier is not of the credential inside', () => {
    const [alice, bob] = [world.client(world.people.alice), world.client(world.people.bob)];
    const certificate = { code: optionCodes.certificate, data: alice.signer.chain[0]! };
    const context = bob.context();
    const octets = context.query({ options: [certificate, ...unsigned(bob)] });
    expect(() => world.query(octets)).toThrow(refusal('key-identifier-mismatch'));
    expectNothingLeft();
  });

  test.each([-300_000, 300_000])('is refused with a timestamp %d ms off, before its signature', (offset) => {
    const context = world.client(world.people.alice).context();
    expect(() => world.query(context.opening({ timestamp: world.time(offset) }))).toThrow(
      refusal('timestamp-fail'),
    );
    // The decapsulation.
    expect(world.operations).toBe(1);
    expectNothingLeft();
  });

  test('opens one context for each timestamp: an equal one is a copy, an older one fails', () => {
    const client = world.client(world.people.alice);
    world.query(client.context().opening());
    expect(() => world.query(client.context().opening())).toThrow(refusal('replayed'));
    const older = { timestamp: world.time(-1) };
    expect(() => world.query(client.context().opening(older))).toThrow(refusal('timestamp-fail'));
    expect(world.part.contexts.size).toBe(1);
  });

  test('is refused with an Encryption Key of another KEM than its own', () => {
    const client = world.client(world.people.alice);
    const context = client.context({ kemId: KemId.P256 });
    const [, ...options] = unsigned(client);
    const data = Buffer.concat([Buffer.of(0, KemId.X25519, 0, 0, 0, 0), Buffer.alloc(32, 9)]);
    const encryptionKey = { code: optionCodes['encryption-key'], data };
    expect(() => world.query(context.query({ options: [encryptionKey, ...options] }))).toThrow(
      refusal('encryption-key-unusable'),
    );
    expect(countsAgainstSource('encryption-key-unusable')).toBe(false);
    expectNothingLeft();
  });

  test.each(keysWithoutAgreement)(
    'is refused with an Encryption Key from which no agreement comes (section 4): %s',
    (octets) => {
      const client = world.client(world.people.alice);
      client.shownKey = Buffer.from(octets, 'hex');
      expect(() => world.query(client.context().opening())).toThrow(refusal('encryption-key-unusable'));
      expect(world.part.contexts.size).toBe(0);
    },
  );

  test.each([KemId.X25519, KemId.P256, KemId.P384, KemId.XWing])(
    'is served and answered in KEM %d',
    (kemId) => {
      const context = world.client(world.people.alice).opened({ kemId });
      expect(world.query(context.query())).toMatchObject({ action: 'replace' });
    },
  );

  test('of a bare key is refused where the subnet demands a certificate, and nothing is recorded', () => {
    const client = world.authenticated(world.people.bare);
    const before = world.lastTimestamp(client);
    for (const isShown of [true, false]) {
      const octets = client.context().opening({ isShown });
      expect(() => world.query(octets, { mode: 'authenticated' })).toThrow(refusal('mode-refused'));
    }
    expect([world.lastTimestamp(client), world.part.contexts.size]).toEqual([before, 0]);
    const certified = world.client(world.people.alice).context().opening();
    expect(world.query(certified, { mode: 'authenticated' })).toMatchObject({ action: 'replace' });
  });
});

describe('a proof in an open context (section 4.2)', () => {
  test('is ignored: nothing is recorded, and nothing fails', () => {
    const [alice, bob] = [world.client(world.people.alice), world.authenticated(world.people.bob)];
    const context = alice.opened();
    const before = [world.lastTimestamp(alice), world.lastTimestamp(bob), world.operations];
    for (const options of [unsigned(alice), unsigned(alice, bob.keyId), unsigned(alice).slice(2)]) {
      const { octets } = world.query(context.query({ options }));
      expect(decodeMessage(octets).options.map(({ code }) => code)).toEqual([OptionCode.ClientIdentifier]);
    }
    expect([world.lastTimestamp(alice), world.lastTimestamp(bob), world.operations]).toEqual(before);
  });

  test('may be one that would not be read', () => {
    const context = world.client(world.people.alice).opened();
    const malformed = [{ code: optionCodes.timestamp, data: Buffer.alloc(3) }];
    expect(world.query(context.query({ options: [...malformed, ...malformed] }))).toMatchObject({
      action: 'replace',
    });
  });
});

describe('the message that Kea gets (section 4.2)', () => {
  test('has none of the options of the encryption', () => {
    const context = world.client(world.people.alice).context();
    const own = Object.values(optionCodes).filter(
      (code) => code === optionCodes.padding || code === optionCodes.cookie,
    );
    const options = [14, ...own].map((code) => ({ code, data: Buffer.of(0) }));
    const verdict = world.query(context.opening({ options }));
    const { options: left, transactionId } = decodeMessage(verdict.octets);
    expect(left.map(({ code }) => code)).toEqual([OptionCode.ClientIdentifier, 14]);
    expect(transactionId).toBe(7);
  });

  test('is in the Relay-forward that the query came in', () => {
    const relayOptions = [{ code: OptionCode.InterfaceId, data: Buffer.from('eth0') }];
    const verdict = world.query(world.client(world.people.alice).context().opening(), { relayOptions });
    const relayed = world.datagram(verdict.octets).nest;
    expect(relayed.levels[0]?.options[0]).toMatchObject(relayOptions[0]!);
    expect(relayed.message[0]).toBe(1);
  });
});

describe('a query of a blocked source (section 7)', () => {
  test('opens no context, and costs no public-key operation', () => {
    const octets = world.client(world.people.alice).context().opening();
    world.block();
    expect(() => world.query(octets)).toThrow(refusal('blocklisted'));
    expect(world.operations).toBe(0);
    expectNothingLeft();
    expect(world.query(octets, { from: 'fe80::2' })).toMatchObject({ action: 'replace' });
  });

  test('opens one with a verified cookie', () => {
    world.block();
    const octets = world.client(world.people.alice).context().opening({ cookie: world.cookie() });
    expect(world.query(octets)).toMatchObject({ action: 'replace' });
  });

  test('is served in an open context', () => {
    const context = world.client(world.people.alice).opened();
    world.block();
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
  });
});

describe('the Client Identifier of a query (section 8)', () => {
  test.each(['alice', 'bare'] as const)(
    'is any: the hook is told whose key %s is, and asks the lease',
    (name) => {
      const client = world.client(world.people[name]);
      const context = client.opened();
      const { sender } = world.query(context.query({ duid: duid('own') }));
      expect(sender.subarray(0, 32)).toEqual(client.keyId);
      expect(sender.subarray(32, 48).equals(Buffer.alloc(16))).toBe(name === 'bare');
      expect(sender.subarray(48)).toEqual(client.duid);
      expect(world.query(context.query()).sender).toEqual(sender);
    },
  );

  test('is one: of two, Kea and the hook might take another one each', () => {
    const context = world.client(world.people.alice).opened();
    const second = { code: OptionCode.ClientIdentifier, data: duid('own') };
    expect(() => world.query(context.query({ options: [second] }))).toThrow(refusal('option-repeated'));
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
  });
});
