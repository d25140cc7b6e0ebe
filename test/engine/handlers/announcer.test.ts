// SPDX-License-Identifier: MPL-2.0

/*
 * Announcer: what the server says of itself, and what that costs. Section 3 of docs/protocol.md.
 *
 * | rule                                                           | test                              |
 * | -------------------------------------------------------------- | --------------------------------- |
 * | the same octets to all clients for a second                     | an announcement                   |
 * | the newest key with the lifetime that it still has (4.4)         | the key of an announcement        |
 * | a Retry has Server Identifier and Cookie, and costs nothing      | a Retry                           |
 * | the length of an answer is known before it is signed             | the lengths                       |
 */

import { decodeMessage } from '../../../src/dhcpv6';
import { encryptionKey } from '../../../src/engine/encryption-keys/encryption-key';
import { kemById } from '../../../src/crypto';
import { randomBytes } from 'node:crypto';
import { defaultCodePoints, KemId } from '../../../src/protocol';
import { serverIdentifier } from '../support/issued';
import { announced, World } from '../support/world';

const world = World.forEachTest();
const cookie = Buffer.alloc(21, 4);
const announcement = (kemId: number = KemId.X25519, transactionId = 7, sent = cookie): Buffer =>
  world.part.announcer.announcement(kemId, { transactionId, cookie: sent });
/** Without transaction-id and Cookie, which are each client's own. */
const signed = (octets: Buffer): string => octets.subarray(4, -25).toString('hex');

describe('an announcement', () => {
  test('is signed once a second at most, for each KEM', () => {
    const first = announcement();
    expect(signed(announcement())).toBe(signed(first));
    world.now += 999;
    expect(signed(announcement())).toBe(signed(first));
    const other = announcement(KemId.P256);
    expect(announced({ octets: other }).timestamp).toBe(world.time());
    world.now += 1;
    expect(announced({ octets: announcement() }).timestamp).toBe(world.time());
    expect(signed(announcement(KemId.P256))).toBe(signed(other));
  });

  test('has for each client its transaction-id and its cookie, without another signature', () => {
    const [one, two] = [
      announcement(KemId.X25519, 1, cookie),
      announcement(KemId.X25519, 2, Buffer.alloc(21, 5)),
    ];
    expect(announced({ octets: one })).toMatchObject({ message: { transactionId: 1 }, cookie });
    expect(announced({ octets: two })).toMatchObject({
      message: { transactionId: 2 },
      cookie: Buffer.alloc(21, 5),
    });
    expect(signed(two)).toBe(signed(one));
  });
});

describe('the key of an announcement', () => {
  test('is told with the lifetime that it still has', () => {
    const { lifetime } = announced({ octets: announcement() }).encryptionKey;
    world.now += 10_000;
    expect(announced({ octets: announcement() }).encryptionKey.lifetime).toBe(lifetime - 10);
  });

  test('is the newest a second after it was made, with a new signature at once', () => {
    const before = announced({ octets: announcement() }).encryptionKey.publicKey;
    const scope = { certificate: world.part.keys.signer.key.public.keyId, audience: 'clients' } as const;
    const pair = kemById(KemId.X25519).generateKeyPair(randomBytes);
    world.part.encryptionKeys.add(encryptionKey(scope, pair, world.now - 500, world.now + 86_400_000));
    world.now += 499;
    expect(announced({ octets: announcement() }).encryptionKey.publicKey).toEqual(before);
    world.now += 1;
    expect(announced({ octets: announcement() })).toMatchObject({
      encryptionKey: { publicKey: pair.public.octets },
      timestamp: world.time(),
    });
  });
});

test.each([
  [true, 'encrypted-reply'],
  [false, 'encrypted-response'],
] as const)('a Retry to a request is %p: an %s of Server Identifier and Cookie', (isToRequest, msgType) => {
  expect(decodeMessage(world.part.announcer.retry({ transactionId: 7, cookie }, isToRequest))).toEqual({
    msgType: defaultCodePoints.messageTypes[msgType],
    transactionId: 7,
    options: [
      { code: 2, data: serverIdentifier },
      { code: defaultCodePoints.optionCodes.cookie, data: cookie },
    ],
  });
});

describe('the lengths', () => {
  const addressee = { transactionId: 7, cookie };
  const digest = Buffer.alloc(32, 1);

  test.each(['A', 'B'] as const)('of a report is what it is, in solution %s', async (solution) => {
    await world.restart({ solution });
    const status = { code: 706, message: 'whý' };
    const report = world.part.announcer.report(KemId.P256, addressee, status, digest);
    expect(world.part.announcer.reportLength(KemId.P256, status)).toBe(report.length);
  });

  test.each([KemId.X25519, KemId.P384])(
    'of the shortest answer to a Solicit is what it is, with KEM %d',
    (kemId) => {
      const { Nenc } = kemById(kemId);
      const envelope = Buffer.alloc(38 + Nenc + 128 + 16);
      const response = world.part.announcer.response(kemId, addressee, envelope, digest);
      expect(world.part.announcer.minResponseLength(kemId, Nenc)).toBe(response.length);
    },
  );
});
