// SPDX-License-Identifier: MPL-2.0

/*
 * Authenticator: how clients prove who they are, and what is recorded of it. Sections of docs/protocol.md.
 *
 * | section | rule                                                        | tests in                                  |
 * | ------- | ----------------------------------------------------------- | ----------------------------------------- |
 * | 6       | the first rule: the present, within 300 s                   | a timestamp of a key not seen before      |
 * | 6       | all rules: later than the last, as the time has gone        | a timestamp of a known key                |
 * | 6       | nothing is recorded before everything has verified          | a client that is refused                  |
 * | 6       | an equal timestamp is a copy                                | a timestamp of a known key                |
 * | 4.2     | a signature that fails without a credential inside          | a client that is refused                  |
 * | 5.2     | a bare key that is not recorded                             | a client that is identified               |
 * | 7       | whose attempts count against their source                   | the attempts of a source                  |
 * | 8       | the DUID derived from a key is the key's from the beginning | the DUID derived from a key               |
 */

import type { Permit } from '../../../src/engine/admission/admission';
import type { SignedMessage } from '../../../src/engine/clients/authenticator';
import { ProtocolError, type ShownCredential } from '../../../src/protocol';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { refusal, World } from '../support/world';

const world = World.forEachTest();

const shownBy = (identity: WorkerIdentity): ShownCredential => {
  const { key, chain } = world.client(identity).signer;
  return chain.length === 0
    ? { kind: 'public-key', spki: key.public.spki }
    : { kind: 'certificate', certificates: chain };
};

/** @param isSigned whether the signature verifies */
const signed = (timestamp = world.time(), isSigned = true): SignedMessage => ({
  timestamp,
  requireSignature: () => {
    if (!isSigned) {
      throw new ProtocolError('signature-fail', 'of this test');
    }
  },
});

let succeeded: number;
const permit: Permit = { run: (work) => work(), succeeded: () => (succeeded += 1) };

beforeEach(() => {
  succeeded = 0;
});

const authenticate = (identity: WorkerIdentity, message = signed()) =>
  world.part.authenticator.authenticate(shownBy(identity), message, permit);
const last = (identity: WorkerIdentity) => world.lastTimestamp(world.client(identity));

describe('a timestamp of a key not seen before (section 6)', () => {
  test.each([-299_999, 0, 299_999])('is accepted %d ms from now', (offset) => {
    expect(() => world.part.authenticator.requireFresh(world.time(offset))).not.toThrow();
    authenticate(world.people.alice, signed(world.time(offset)));
    expect(last(world.people.alice)).toBe(world.time(offset));
  });

  test.each([-300_000, 300_000])('is refused %d ms from now', (offset) => {
    expect(() => world.part.authenticator.requireFresh(world.time(offset))).toThrow(
      refusal('timestamp-fail'),
    );
    expect(() => authenticate(world.people.alice, signed(world.time(offset)))).toThrow(
      refusal('timestamp-fail'),
    );
    expect(last(world.people.alice)).toBeUndefined();
  });
});

describe('a timestamp of a known key (section 6)', () => {
  test('is accepted once', () => {
    authenticate(world.people.alice);
    expect(() => authenticate(world.people.alice)).toThrow(refusal('replayed'));
    expect(() => authenticate(world.people.alice, signed(world.time() - 1n))).toThrow(
      refusal('timestamp-fail'),
    );
    authenticate(world.people.alice, signed(world.time() + 1n));
    expect(last(world.people.alice)).toBe(world.time() + 1n);
  });

  test('that comes again is a copy, however late it comes', () => {
    authenticate(world.people.alice);
    const { timestamp } = signed();
    const { keyId } = world.client(world.people.alice);
    world.now += 300_000;
    expect(() => authenticate(world.people.alice, signed(timestamp))).toThrow(refusal('replayed'));
    const { authenticator } = world.part;
    expect(() => authenticator.requireFresh(timestamp, keyId)).toThrow(refusal('replayed'));
    expect(() => authenticator.requireFresh(timestamp + 1n, keyId)).not.toThrow();
    expect(() => authenticator.requireFresh(timestamp - 1n, keyId)).toThrow(refusal('timestamp-fail'));
    expect(() => authenticator.requireFresh(timestamp)).toThrow(refusal('timestamp-fail'));
  });

  test('is accepted once of two workers that check it at once', () => {
    authenticate(world.people.alice);
    const known = world.part.clients.find(world.client(world.people.alice).keyId)!;
    const message = signed(world.time() + 1n);
    world.part.authenticator.authenticateKnown(known, message, permit);
    expect(() => {
      world.part.authenticator.authenticateKnown(known, message, permit);
    }).toThrow(refusal('replayed'));
  });

  test('goes with the time that has passed, a hundredth and two seconds less', () => {
    authenticate(world.people.alice);
    const began = world.now;
    world.now += 200_000;
    const after = (milliseconds: number) => signed(world.time(began + milliseconds - world.now));
    expect(() => authenticate(world.people.alice, after(196_000))).toThrow(refusal('timestamp-fail'));
    authenticate(world.people.alice, after(196_001));
    expect(last(world.people.alice)).toBe(after(196_001).timestamp);
  });

  test('is another series for each key', () => {
    authenticate(world.people.alice);
    authenticate(world.people.bob);
    expect([last(world.people.alice), last(world.people.bob)]).toEqual([world.time(), world.time()]);
  });
});

describe('after the first rule’s time a known key (section 6)', () => {
  test('may go slower than the time, since its clock was set right', () => {
    authenticate(world.people.alice, signed(world.time(290_000)));
    world.now += 300_000;
    expect(() => authenticate(world.people.alice, signed(world.time(-9_999)))).toThrow(
      refusal('timestamp-fail'),
    );
    world.now += 1;
    authenticate(world.people.alice, signed(world.time(-9_999)));
    expect(last(world.people.alice)).toBe(world.time(-9_999));
  });
});

describe('a client that is refused (section 6)', () => {
  test('leaves no record where its signature is wrong', () => {
    expect(() => authenticate(world.people.alice, signed(world.time(), false))).toThrow(
      refusal('signature-fail'),
    );
    expect(last(world.people.alice)).toBeUndefined();
    authenticate(world.people.alice);
    expect(last(world.people.alice)).toBe(world.time());
  });

  test('leaves no record where its path is wrong', () => {
    expect(() => authenticate(world.people.mallory)).toThrow(refusal('authentication-fail'));
    expect(world.part.table.size).toBe(0);
  });

  test('keeps its record as it was', () => {
    authenticate(world.people.alice);
    const before = last(world.people.alice);
    world.now += 1000;
    const known = world.part.clients.find(world.client(world.people.alice).keyId)!;
    expect(() => authenticate(world.people.alice, signed(world.time(), false))).toThrow(
      refusal('signature-fail'),
    );
    expect(() => {
      world.part.authenticator.authenticateKnown(known, signed(world.time(), false), permit);
    }).toThrow(refusal('authentication-fail'));
    expect(last(world.people.alice)).toBe(before);
  });

  test('has no path verified for a replay', () => {
    authenticate(world.people.alice);
    const verify = jest.spyOn(world.part.verifier, 'verify');
    expect(() => authenticate(world.people.alice)).toThrow(refusal('replayed'));
    expect(verify).not.toHaveBeenCalled();
  });
});

describe('a client that is identified (section 5.2)', () => {
  const identify = (identity: WorkerIdentity, message = signed()) =>
    world.part.authenticator.identify(shownBy(identity), message, permit);

  test('is told by its key, and leaves no record', () => {
    expect(identify(world.people.bare)).toMatchObject({
      kind: 'public-key',
      keyId: world.client(world.people.bare).keyId,
    });
    expect([world.part.table.size, succeeded]).toEqual([0, 0]);
  });

  test('is refused where its signature is wrong', () => {
    expect(() => identify(world.people.bare, signed(world.time(), false))).toThrow(refusal('signature-fail'));
  });
});

describe('the attempts of a source (section 7)', () => {
  test('do not count of a certified key', () => {
    authenticate(world.people.alice);
    expect(succeeded).toBe(1);
  });

  test('count of a bare key, until it is known', () => {
    authenticate(world.people.bare);
    expect(succeeded).toBe(0);
    authenticate(world.people.bare, signed(world.time() + 1n));
    expect(succeeded).toBe(1);
  });

  test('count where they fail', () => {
    expect(() => authenticate(world.people.mallory)).toThrow();
    authenticate(world.people.alice);
    expect(() => authenticate(world.people.alice)).toThrow();
    expect(succeeded).toBe(1);
  });
});
