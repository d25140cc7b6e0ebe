// SPDX-License-Identifier: MPL-2.0

/*
 * AnswerHandler: what becomes of Kea's answers. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 4.1     | enc until a query came without                              | the enc of responses                      |
 * | 4.3     | the response to a query                                     | the answer to a query                     |
 * | 4.3, 5  | the response to a Solicit of solution B                     | the answer to a Solicit of solution B     |
 * | 4       | what a response may carry, and which answers are known      | an answer that is not sealed              |
 * | 8       | what a client is told that may not use its DUID             | a query that Kea gives back               |
 */

import {
  encodeMessage,
  encodeRelay,
  MessageType,
  OptionCode,
  parseIpv6,
  StatusCodeOption,
  unwrapRelay,
} from '../../../src/dhcpv6';
import type { SealedAnswer } from '../../../src/engine/packet/verdict';
import {
  defaultCodePoints,
  openSignedResponse,
  requestDigest,
  requireMessageSignature,
} from '../../../src/protocol';
import { decodeEncryptedResponse } from '../../../src/protocol/encrypted-query';
import { duid } from '../key-table/support/clients';
import { serverIdentifier } from '../support/issued';
import {
  altered,
  announced,
  answer,
  answered,
  identified,
  refusal,
  type RequestParts,
  type TestContext,
  World,
} from '../support/world';

const world = World.forEachTest();

const seal = (handle: number, octets: Buffer): SealedAnswer => world.part.answers.seal(handle, octets);
const ask = (context: TestContext, named?: Buffer): number =>
  world.query(context.query(named === undefined ? {} : { duid: named })).handle;

describe('the answer to a query (section 4.3)', () => {
  test('is sealed for its client, in mode psk, with its transaction-id', () => {
    const context = world.client(world.people.alice).opened();
    const octets = answer([{ code: 14, data: Buffer.alloc(0) }]);
    const response = seal(ask(context), octets).octets;
    expect(response[0]).toBe(defaultCodePoints.messageTypes['encrypted-response']);
    expect(context.open(response).octets).toEqual(octets);
  });

  test('cannot be opened by another client, nor when it was altered', () => {
    const contextIdentifier = Buffer.alloc(16, 5);
    const alice = world.client(world.people.alice).opened({ contextIdentifier });
    const bob = world.client(world.people.bob).opened({ contextIdentifier });
    const response = seal(ask(alice), answer()).octets;
    const stranger = world.client(world.people.bob).opened();
    expect(() => stranger.open(response)).toThrow(refusal('context-unknown'));
    expect(() => bob.open(response)).toThrow(refusal('envelope-open-fail'));
    expect(() => alice.open(altered(response, -1))).toThrow(refusal('envelope-open-fail'));
  });

  test('names no key of a server (section 4): another recipient tag than zero is refused', () => {
    const context = world.client(world.people.alice).opened();
    const response = seal(ask(context), answer()).octets;
    // Behind the header of the message and that of the Encrypted-Message option.
    const tag = 4 + 4 + 8;
    for (let octet = 0; octet < 8; octet += 1) {
      expect(() => context.open(altered(response, tag + octet))).toThrow(refusal('recipient-unknown'));
    }
    expect(context.open(response).octets).toEqual(answer());
  });

  test('is in the one response context of the query context', () => {
    const context = world.client(world.people.alice).opened();
    const sequences = [ask(context), ask(context)].map((handle) => {
      const response = seal(handle, answer()).octets;
      context.open(response);
      return decodeEncryptedResponse(defaultCodePoints, response).envelope.sequence;
    });
    // The first was the answer to the opening query.
    expect(sequences).toEqual([1, 2]);
  });

  test('is in the Relay-reply that Kea has built', () => {
    const context = world.client(world.people.alice).opened();
    const level = {
      msgType: MessageType.RelayReply,
      hopCount: 0,
      linkAddress: parseIpv6('2001:db8:1::1'),
      peerAddress: parseIpv6('fe80::1'),
    };
    const interfaceId = { code: OptionCode.InterfaceId, data: Buffer.from('eth0') };
    const relayed = encodeRelay({
      ...level,
      options: [interfaceId, { code: OptionCode.RelayMessage, data: answer() }],
    });
    const response = seal(ask(context), relayed).octets;
    expect(unwrapRelay(response).levels[0]).toMatchObject({ ...level, options: [interfaceId, {}] });
    expect(context.open(response).octets).toEqual(answer());
  });
});

describe('the enc of responses (section 4.1)', () => {
  const encOf = (handle: number): number =>
    decodeEncryptedResponse(defaultCodePoints, seal(handle, answer()).octets).envelope.enc.length;

  test('is there until a query came without its own', () => {
    const context = world.client(world.people.alice).context();
    const handle = world.query(context.opening()).handle;
    const first = seal(handle, answer()).octets;
    // Kea answers twice, or the answer is lost.
    expect([encOf(handle), encOf(handle)]).toEqual([32, 32]);
    context.open(first);
    expect(encOf(ask(context))).toBe(0);
    expect(encOf(handle)).toBe(0);
  });

  test('is not there at all where a query without enc came before the first response', () => {
    const client = world.client(world.people.alice);
    const context = client.context();
    const handle = world.query(context.opening()).handle;
    world.part.contexts.findByHandle(handle)!.establish();
    expect(encOf(handle)).toBe(0);
  });

  test('is there where such a query does not verify', () => {
    const context = world.client(world.people.alice).context();
    const handle = world.query(context.opening()).handle;
    context.open(seal(handle, answer()).octets);
    expect(() => world.query(altered(context.query(), -1))).toThrow(refusal('envelope-open-fail'));
    expect(encOf(handle)).toBe(32);
  });
});

describe('the answer to a Solicit of solution B (sections 4.3 and 5)', () => {
  beforeEach(() => world.restart({ solution: 'B' }));

  const client = () => world.client(world.people.alice);
  const asked = (parts: RequestParts = {}) => {
    const sender = client();
    const octets = sender.solicit(parts);
    const { handle } = world.solicit(octets);
    const keys = {
      own: sender.own,
      clientKeyId: sender.keyId,
      serverKeyId: world.part.keys.signer.key.public.keyId,
    };
    const open = (response: Buffer) =>
      openSignedResponse(defaultCodePoints, response, keys, serverIdentifier);
    return { octets, handle, open };
  };

  test('is sealed in mode base, and signed by the server, with the Request Digest', () => {
    const { octets, handle, open } = asked();
    const sealed = seal(handle, answer([], MessageType.Advertise));
    const decoded = announced(sealed);
    expect(decoded).toMatchObject({
      kind: 'response',
      timestamp: world.time(),
      requestDigest: requestDigest(octets),
      status: undefined,
    });
    const { key } = world.part.keys.signer;
    expect(() => requireMessageSignature(defaultCodePoints, 'server', decoded, key.public)).not.toThrow();
    expect(open(sealed.octets).message).toMatchObject({ msgType: MessageType.Advertise, options: [] });
  });

  test('tells a key of the KEM of the list, and gives a cookie for the next message', () => {
    const { handle } = asked({ kemList: [0x0010] });
    const { encryptionKey, cookie } = announced(seal(handle, answer()));
    expect(encryptionKey).toMatchObject({ kemId: 0x0010, publicKey: world.encryptionKey(0x0010).octets });
    expect(world.solicit(client().solicit({ cookie, timestamp: world.time(1) }))).toMatchObject({
      action: 'replace',
    });
  });

  test('has no longer the Client Identifier that was put in for Kea, and any other', () => {
    const other = identified(duid('other'));
    const first = asked();
    expect(first.open(seal(first.handle, answer([other])).octets).message.options).toEqual([other]);
    world.now += 1000;
    const second = asked();
    const own = identified(client().duid);
    expect(second.open(seal(second.handle, answer([own])).octets).message.options).toEqual([]);
  });

  test('is sealed once, and where its transaction-id is the Solicit’s', () => {
    const { handle } = asked();
    seal(handle, answer());
    expect(() => seal(handle, answer())).toThrow(refusal('answer-unexpected'));
    world.now += 1000;
    const other = altered(answer(), 3);
    const { handle: next } = asked();
    expect(() => seal(next, other)).toThrow(refusal('answer-unexpected'));
  });

  test('is a Retry where it has become too long, and with a cookie it is not', () => {
    const long = answer([{ code: 17, data: Buffer.alloc(3 * 1400) }]);
    const { cookie, kind, message } = answered(seal(asked().handle, long));
    expect([kind, message.msgType]).toEqual(['retry', defaultCodePoints.messageTypes['encrypted-response']]);
    world.now += 1000;
    const { handle, open } = asked({ cookie });
    expect(open(seal(handle, long).octets).octets).toEqual(long);
  });

  test('counts as work for a sender that had proved nothing before', () => {
    const { handle } = asked();
    const before = world.operations;
    seal(handle, answer());
    expect(world.operations).toBe(before + 1);
  });
});

describe('an answer that is not sealed (section 4)', () => {
  test.each([10, 251, 254])('is one of message type %d', (msgType) => {
    const handle = ask(world.client(world.people.alice).opened());
    expect(() => seal(handle, answer([], msgType))).toThrow(refusal('answer-unexpected'));
    expect(seal(handle, answer())).toMatchObject({ action: 'replace' });
  });

  test('is one that is too short for a message', () => {
    const handle = ask(world.client(world.people.alice).opened());
    expect(() => seal(handle, Buffer.of(MessageType.Reply, 0, 0))).toThrow(refusal('answer-unexpected'));
  });

  test('is one to a query that is not known, or whose context is closed', () => {
    const client = world.client(world.people.alice);
    const handle = ask(client.opened());
    expect(() => seal(handle + 2, answer())).toThrow(refusal('answer-unexpected'));
    world.part.contexts.removeKey(client.keyId);
    expect(() => seal(handle, answer())).toThrow(refusal('answer-unexpected'));
  });
});

describe('a query that Kea gives back (section 8)', () => {
  test.each([
    [MessageType.Solicit, MessageType.Advertise],
    [MessageType.Renew, MessageType.Reply],
  ])('of type %d is answered with IdentityRefused in its context', (msgType, answerType) => {
    const context = world.client(world.people.alice).opened();
    const { handle } = world.query(context.query({ msgType, duid: duid('own') }));
    const own = identified(duid('own'));
    const query = encodeMessage({ msgType, transactionId: 7, options: [own] });
    const { message } = context.open(seal(handle, query).octets);
    expect(message.msgType).toBe(answerType);
    expect(message.options.map(({ code }) => code)).toEqual([1, 2, 13]);
    expect(message.options[0]).toMatchObject(own);
    expect(StatusCodeOption.decode(message.options[2]!.data).code).toBe(709);
    // The context goes on.
    expect(world.query(context.query())).toMatchObject({ action: 'replace' });
  });

  test('is answered inside of the Relay-reply', () => {
    const context = world.client(world.people.alice).opened();
    const relayOptions = [{ code: OptionCode.InterfaceId, data: Buffer.from('eth0') }];
    const { handle, octets } = world.query(context.query({ duid: duid('own') }), { relayOptions });
    const told = seal(handle, octets).octets;
    expect(told[0]).toBe(MessageType.RelayReply);
    expect(context.open(told).message.msgType).toBe(MessageType.Advertise);
  });

  test('is the last one of its context: told, and the context ends', () => {
    const context = world.client(world.people.bare).opened();
    context.leave(1);
    const { handle, octets } = world.query(context.query({ duid: duid('other') }));
    context.open(seal(handle, octets).octets);
    expect(world.part.contexts.size).toBe(0);
  });

  test('is not answered where its context is closed', () => {
    const client = world.client(world.people.alice);
    const handle = ask(client.opened());
    world.part.contexts.removeKey(client.keyId);
    expect(() => seal(handle, answer([], MessageType.Solicit))).toThrow(refusal('answer-unexpected'));
  });
});
