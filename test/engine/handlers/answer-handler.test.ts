// SPDX-License-Identifier: MPL-2.0

/*
 * AnswerHandler: what becomes of Kea's answers. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 4.4     | the response to a query                                     | the answer to a query                     |
 * | 4.4, 5  | the response to a Solicit of solution B                     | the answer to a Solicit of solution B     |
 * | 4       | what a response may carry, and which answers are known      | an answer that is not sealed              |
 * | 8       | the first other DUID of a key is bound when Kea answers     | the Client Identifier of an answer        |
 */

import { encodeRelay, MessageType, OptionCode, parseIpv6, unwrapRelay } from '../../../src/dhcpv6';
import { parseEnvelope } from '../../../src/crypto';
import type { SealedAnswer } from '../../../src/engine/packet/verdict';
import {
  decodeSignedResponse,
  defaultCodePoints,
  openSignedResponse,
  requireMessageSignature,
} from '../../../src/protocol';
import { duid } from '../key-table/support/clients';
import { altered, answer, identified, refusal, type TestContext, World } from '../support/world';

const world = World.forEachTest();

const seal = (handle: number, octets: Buffer): SealedAnswer => world.part.answers.seal(handle, octets);
const ask = (context: TestContext, named?: Buffer): number =>
  world.query(context.query(named === undefined ? {} : { duid: named })).handle;

describe('the answer to a query (section 4.4)', () => {
  test('is sealed for its client, in mode psk, with its transaction-id', () => {
    const context = world.client(world.people.alice).opened();
    const octets = answer([{ code: 14, data: Buffer.alloc(0) }]);
    const response = seal(ask(context), octets).octets;
    expect(response[0]).toBe(defaultCodePoints.messageTypes['encrypted-response']);
    expect(context.open(response).octets).toEqual(octets);
  });

  test('cannot be opened by another client, nor when it was altered', () => {
    const [alice, bob] = [world.client(world.people.alice).opened(), world.client(world.people.bob).opened()];
    const response = seal(ask(alice), answer()).octets;
    expect(() => bob.open(response)).toThrow(refusal('envelope-open-fail'));
    expect(() => alice.open(altered(response, -1))).toThrow(refusal('envelope-open-fail'));
  });

  test('is in the one response context of the query context', () => {
    const context = world.client(world.people.alice).opened();
    const [one, two] = [ask(context), ask(context)].map((handle) => {
      const response = seal(handle, answer()).octets;
      context.open(response);
      return parseEnvelope(response.subarray(8));
    });
    expect(two?.enc).toEqual(one?.enc);
    expect([one?.sequence, two?.sequence]).toEqual([0, 1]);
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

describe('the answer to a Solicit of solution B (sections 4.4 and 5)', () => {
  const opened = (response: Buffer) =>
    openSignedResponse(defaultCodePoints, response, world.client(world.people.alice).signer.key, 7);
  const solicit = (): number => world.solicit(world.client(world.people.alice).solicit()).handle;

  test('is sealed in mode base, and signed by the server', () => {
    const response = seal(solicit(), answer([], MessageType.Advertise)).octets;
    const decoded = decodeSignedResponse(defaultCodePoints, response);
    expect(decoded.timestamp).toBe(world.time());
    expect(() => requireMessageSignature(decoded, world.part.keys.signer.key.public)).not.toThrow();
    expect(opened(response).message).toMatchObject({ msgType: MessageType.Advertise, options: [] });
  });

  test('has no longer the Client Identifier that was put in for Kea, and any other', () => {
    const other = identified(duid('other'));
    const options = [identified(world.client(world.people.alice).duid), other];
    expect(opened(seal(solicit(), answer([other])).octets).message.options).toEqual([other]);
    world.now += 1000;
    expect(opened(seal(solicit(), answer(options.slice(0, 1))).octets).message.options).toEqual([]);
  });

  test('is sealed once, and where its transaction-id is the Solicit’s', () => {
    const handle = solicit();
    seal(handle, answer());
    expect(() => seal(handle, answer())).toThrow(refusal('answer-unexpected'));
    world.now += 1000;
    const other = altered(answer(), 3);
    expect(() => seal(solicit(), other)).toThrow(refusal('answer-unexpected'));
  });

  test('counts as work for a sender that had proved nothing before', () => {
    const handle = solicit();
    const before = world.operations;
    seal(handle, answer());
    expect(world.operations).toBe(before + 1);
  });
});

describe('an answer that is not sealed (section 4)', () => {
  test.each([1, 5, 10, 254])('is one of message type %d', (msgType) => {
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

describe('the Client Identifier of an answer (section 8)', () => {
  const [own, other] = [duid('own'), duid('other')];
  const isBound = (one: Buffer): boolean => world.part.table.isBound(one);

  test('is bound where the query named it first, and Kea repeats it', () => {
    const context = world.client(world.people.alice).opened();
    const handle = ask(context, own);
    expect(isBound(own)).toBe(false);
    expect(context.open(seal(handle, answer([identified(own)])).octets).octets).toEqual(
      answer([identified(own)]),
    );
    expect(isBound(own)).toBe(true);
  });

  test('is not bound where Kea does not repeat it', () => {
    seal(ask(world.client(world.people.alice).opened(), own), answer());
    expect(isBound(own)).toBe(false);
  });

  test('of two queries of one context that are under way is looked at in both answers', () => {
    const context = world.client(world.people.alice).opened();
    const [first, second, third] = [ask(context, own), ask(context, own), ask(context, other)];
    seal(first, answer([identified(own)]));
    expect(seal(second, answer([identified(own)]))).toMatchObject({ action: 'replace' });
    // The key has its own DUID now: the other one is refused, whatever was answered in between.
    expect(() => seal(third, answer([identified(other)]))).toThrow(refusal('client-identifier-bound'));
    expect([isBound(own), isBound(other)]).toEqual([true, false]);
  });

  test('of two clients is bound for each, and of one DUID for the first', () => {
    const [alice, bob] = [world.client(world.people.alice).opened(), world.client(world.people.bob).opened()];
    const [one, two, late] = [ask(alice, own), ask(bob, other), ask(bob, own)];
    seal(one, answer([identified(own)]));
    expect(() => seal(late, answer([identified(own)]))).toThrow(refusal('client-identifier-bound'));
    seal(two, answer([identified(other)]));
    expect([isBound(own), isBound(other)]).toEqual([true, true]);
  });

  test('is not looked at where the query named none that is to be bound', () => {
    const context = world.client(world.people.alice).opened();
    const [settled, unbound] = [ask(context), ask(context, own)];
    seal(settled, answer([identified(other)]));
    expect(isBound(other)).toBe(false);
    seal(unbound, answer([identified(own)]));
    expect(isBound(own)).toBe(true);
  });
});
