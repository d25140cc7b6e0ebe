// SPDX-License-Identifier: MPL-2.0

/*
 * AuthenticationHandler: what becomes of an Encrypted-Request and of a Solicit of solution B. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 5       | solution A: the client is recorded, and the server answers  | an Encrypted-Request                      |
 * | 5       | solution B: Kea answers, with the Client Identifier it needs | a Solicit of solution B                   |
 * | 3, 6, 7 | what is refused, and what it costs                          | a message that authenticates nobody       |
 * | 4.5     | the address of the last authentication                      | the address of a client                   |
 * | 7       | which failures are reported, and how often                  | the report of a failure                   |
 */

import { decodeMessage, OptionCode } from '../../../src/dhcpv6';
import { dropReasons, EngineDrop } from '../../../src/engine/packet/drop-reasons';
import type { Reply } from '../../../src/engine/packet/verdict';
import {
  decodeAuthentication,
  defaultCodePoints,
  encodeSolicit,
  ProtocolError,
  protocolErrorCodes,
  requireMessageSignature,
} from '../../../src/protocol';
import { decodeEncryptedReply } from '../../../src/protocol/encrypted-reply';
import { serverIdentifier } from '../support/issued';
import { altered, identified, refusal, World } from '../support/world';

const world = World.forEachTest({ failures: 3, reportFailures: true });

const replyIn = (verdict: Reply | undefined) =>
  decodeEncryptedReply(defaultCodePoints, verdict?.octets ?? Buffer.alloc(0));

describe('an Encrypted-Request (section 5)', () => {
  test("is answered with the server's signed Encrypted-Reply", () => {
    const verdict = world.request(world.client(world.people.alice).request());
    expect(verdict).toMatchObject({ action: 'reply', text: 'CN=alice' });
    const reply = replyIn(verdict);
    expect(reply).toMatchObject({ timestamp: world.time(), serverIdentifier, status: undefined });
    expect(reply.message.transactionId).toBe(7);
    expect(() => requireMessageSignature(reply, world.part.keys.signer.key.public)).not.toThrow();
  });

  test('makes its key known, and binds the DUID derived from it', () => {
    const client = world.client(world.people.bare);
    world.request(client.request());
    expect(world.operations).toBeGreaterThan(0);
    expect(world.lastTimestamp(client)).toBe(world.time());
    expect(world.bound).toEqual([client.duid.toString('hex')]);
  });
});

describe('a Solicit of solution B (section 5)', () => {
  test('is given to Kea with the DUID derived from its key, and without its credential', () => {
    const client = world.client(world.people.alice);
    const elapsed = { code: OptionCode.ElapsedTime, data: Buffer.alloc(2) };
    const verdict = world.solicit(client.solicit(world.time(), [elapsed]));
    expect(verdict).toMatchObject({ action: 'replace', credential: 'certificate', text: 'CN=alice' });
    expect(decodeMessage(verdict.octets)).toEqual({
      msgType: 1,
      transactionId: 7,
      options: [identified(client.duid), elapsed],
    });
  });

  test('makes its key known', () => {
    const client = world.client(world.people.alice);
    world.solicit(client.solicit());
    expect(world.lastTimestamp(client)).toBe(world.time());
  });

  test('has a handle of its own', () => {
    const handles = [world.people.alice, world.people.bob].map((identity) => {
      return world.solicit(world.client(identity).solicit()).handle;
    });
    expect(new Set(handles).size).toBe(2);
  });
});

describe('a message that authenticates nobody (sections 3, 6 and 7)', () => {
  const both = ['request', 'solicit'] as const;

  afterEach(() => {
    expect([world.part.table.size, world.bound]).toEqual([0, []]);
  });

  test('carries a Client Identifier', () => {
    const { signer, duid } = world.client(world.people.alice);
    const octets = encodeSolicit(defaultCodePoints, signer, 7, [identified(duid)], world.time());
    for (const kind of both) {
      expect(() => world[kind](octets)).toThrow(refusal('client-identifier-present'));
    }
    expect(world.operations).toBe(0);
  });

  test.each(both)('is a %s of a bare key where the subnet demands a certificate', (kind) => {
    const octets = world.client(world.people.bare)[kind]();
    expect(() => world[kind](octets, { mode: 'authenticated' })).toThrow(refusal('mode-refused'));
    expect(world.operations).toBe(0);
  });

  test.each(both)('is a %s with a timestamp 300 s off, which costs no public-key operation', (kind) => {
    for (const offset of [-300_000, 300_000]) {
      const octets = world.client(world.people.alice)[kind](world.time(offset));
      expect(() => world[kind](octets)).toThrow(refusal('timestamp-fail'));
    }
    expect(world.operations).toBe(0);
  });

  test.each(both)('is a %s of a source that is blocked, which costs no public-key operation', (kind) => {
    const octets = world.client(world.people.alice)[kind]();
    const { client = '' } = world.datagram(octets).source;
    [1, 2, 3].forEach(() => world.part.blocklist.fail(client, world.now));
    expect(() => world[kind](octets)).toThrow(refusal('blocklisted'));
    expect(world.operations).toBe(0);
  });

  test.each(both)('is a %s whose signature is wrong', (kind) => {
    const octets = altered(world.client(world.people.alice)[kind](), -1);
    expect(() => world[kind](octets)).toThrow(refusal('signature-fail'));
  });

  test.each(both)("is a %s with another authority's certificate", (kind) => {
    const octets = world.client(world.people.mallory)[kind]();
    expect(() => world[kind](octets)).toThrow(refusal('authentication-fail'));
  });

  test('is a request that a relay agent leaves no room to answer, which costs no public-key operation', () => {
    const relayOptions = [{ code: OptionCode.InterfaceId, data: Buffer.alloc(65_400) }];
    const octets = world.client(world.people.alice).request();
    expect(() => world.request(octets, { relayOptions })).toThrow(refusal('answer-too-long'));
    expect(world.operations).toBe(0);
  });
});

describe('the address of a client (section 4.5)', () => {
  test('is the one that it last authenticated from', () => {
    const client = world.client(world.people.alice);
    const found = (from: string) =>
      world.part.clients.findByAddress(world.datagram(Buffer.of(1), { from }).source);
    world.request(client.request());
    expect(found('fe80::1')?.identity.keyId).toEqual(client.keyId);
    world.now += 1000;
    world.request(client.request(), { from: 'fe80::2' });
    expect(found('fe80::1')).toBeUndefined();
    expect(found('fe80::2')?.identity.keyId).toEqual(client.keyId);
  });

  test('is not changed by what is refused', () => {
    world.request(world.client(world.people.alice).request());
    const forged = altered(world.client(world.people.bob).request(), -1);
    expect(() => world.request(forged)).toThrow(refusal('signature-fail'));
    const { source } = world.datagram(Buffer.of(1));
    expect(world.part.clients.findByAddress(source)?.identity.text).toBe('CN=alice');
  });
});

describe('the report of a failure (section 7)', () => {
  const isProtocol = (reason: string) => protocolErrorCodes.find((code) => code === reason);
  const errorOf = (reason: (typeof dropReasons)[number]): Error => {
    const code = isProtocol(reason);
    return code === undefined ? new EngineDrop(reason, 'why') : new ProtocolError(code, 'why');
  };
  const report = (reason: (typeof dropReasons)[number], from?: string) => {
    const datagram = world.datagram(world.client(world.people.alice).request(), {
      ...(from !== undefined && { from }),
    });
    return world.part.authentication.report(errorOf(reason), reason, datagram);
  };

  test.each([
    ['algorithm-not-supported', 'algorithm-not-supported'],
    ['authentication-fail', 'authentication-fail'],
    ['credential-invalid', 'authentication-fail'],
    ['mode-refused', 'authentication-fail'],
    ['timestamp-fail', 'timestamp-fail'],
    ['signature-fail', 'signature-fail'],
  ] as const)('tells of %s with the status %s, signed', (reason, status) => {
    const verdict = report(reason);
    expect(verdict).toMatchObject({ action: 'reply', reason, text: 'refused: why' });
    const reply = replyIn(verdict);
    expect(reply.status).toEqual({ code: defaultCodePoints.statusCodes[status], message: 'why' });
    expect(reply.message.transactionId).toBe(7);
    expect(() => requireMessageSignature(reply, world.part.keys.signer.key.public)).not.toThrow();
  });

  test('tells of no other failure', () => {
    const silent = dropReasons.filter(
      (reason) => report(reason, `fe80::${dropReasons.indexOf(reason) + 1}`) === undefined,
    );
    expect(dropReasons.filter((reason) => !silent.includes(reason))).toEqual([
      'credential-invalid',
      'algorithm-not-supported',
      'authentication-fail',
      'timestamp-fail',
      'signature-fail',
      'mode-refused',
    ]);
  });

  test('goes to one source only so often', () => {
    const reported = (from: string) => report('signature-fail', from) !== undefined;
    expect(['fe80::1', 'fe80::1', 'fe80::1', 'fe80::2'].map(reported)).toEqual([true, true, false, true]);
  });

  test('is none where the setting is off', async () => {
    await world.restart({});
    expect(report('signature-fail')).toBeUndefined();
  });

  test("is an Encrypted-Reply with the server's certificates", () => {
    const { credential } = decodeAuthentication(defaultCodePoints, report('signature-fail')!.octets);
    expect(credential).toEqual({ kind: 'certificate', certificates: world.part.keys.signer.chain });
  });
});
