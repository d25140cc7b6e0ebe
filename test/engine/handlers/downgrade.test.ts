// SPDX-License-Identifier: MPL-2.0

/*
 * What becomes of a client's message of which somebody on its way has changed an option. Sections of docs/protocol.md.
 *
 * | section | rule                                                             | tests in                                |
 * | ------- | ---------------------------------------------------------------- | --------------------------------------- |
 * | 2, 3    | what is signed is refused, and leaves no record                   | what a client shows                     |
 * | 3, 7    | what is not signed leads to a key that the server signs           | an Encrypted-Request that shows nothing |
 * | 4, 4.2  | the outer options of a query are authenticated, but for its Cookie | a query                                 |
 */

import { OptionCode } from '../../../src/dhcpv6';
import type { DropReason } from '../../../src/engine/packet/drop-reasons';
import { defaultCodePoints, KemId } from '../../../src/protocol';
import { type Change, withChanged } from '../../support/option-changes';
import { announced, answer, answered, refusal, type TestClient, World } from '../support/world';

const { optionCodes: codes } = defaultCodePoints;
const elapsed = { code: OptionCode.ElapsedTime, data: Buffer.alloc(2) };

const hows = ['stripped', 'altered', "another client's", 'an older one’s', 'another exchange’s'] as const;
type How = (typeof hows)[number];

const shown = {
  Certificate: codes.certificate,
  Timestamp: codes.timestamp,
  'KEM List': codes['kem-list'],
  Signature: codes.signature,
  Padding: codes.padding,
};
const solicit = { ...shown, 'Encryption Key': codes['encryption-key'], 'Elapsed Time': elapsed.code };

const rows = [['shown', shown] as const, ['solicit', solicit] as const].flatMap(([form, options]) =>
  Object.entries(options).flatMap(([name, code]) => hows.map((how) => ({ form, name, code, how }))),
);

/** Of one form all messages have the same, of one client most. */
const common = ['KEM List', 'Padding', 'Elapsed Time'];
const isOther = ({ name, how }: (typeof rows)[number]): boolean =>
  how === 'stripped' ||
  how === 'altered' ||
  !(common.includes(name) || (name === 'Certificate' && how !== "another client's"));

/** Options without which a message is none. */
const missing = new Map<string, DropReason>([
  ['Certificate', 'credential-missing'],
  ['Timestamp', 'option-missing'],
  ['KEM List', 'option-missing'],
  ['Signature', 'option-missing'],
  ['Encryption Key', 'option-missing'],
]);

describe('what a client shows (sections 2 and 3)', () => {
  const world = World.forEachTest({ solution: 'B' });

  test.each(rows.filter(isOther))(
    '$form: $name, $how: refused, and nothing recorded',
    ({ form, name, code, how }) => {
      const alice = world.client(world.people.alice);
      const message = (client: TestClient, later: number): Buffer => {
        world.now += later;
        return form === 'shown' ? client.shown() : client.solicit({ options: [elapsed] });
      };
      const changes: Record<How, Change> = {
        stripped: 'stripped',
        altered: 'altered',
        'an older one’s': { from: message(alice, 0) },
        'another exchange’s': { from: message(alice, 60_000) },
        "another client's": { from: message(world.client(world.people.bob), 1) },
      };
      const octets = message(alice, 1);
      const changed = withChanged(octets, code, changes[how])!;
      const take = (given: Buffer) => (form === 'shown' ? world.request(given) : world.solicitAnswer(given));

      const reason = how === 'stripped' ? (missing.get(name) ?? 'signature-fail') : 'signature-fail';
      expect(() => take(changed)).toThrow(refusal(reason));
      expect(world.part.table.size).toBe(0);

      take(octets);
      expect(world.lastTimestamp(alice)).toBe(world.time());
    },
  );
});

describe('an Encrypted-Request that shows nothing (sections 3 and 7)', () => {
  const world = World.forEachTest({});

  test('is answered by a key of the KEM List that came, beside the list of all that the server offers, signed', () => {
    const wanted = world.client(world.people.alice).plain({ kemList: [KemId.XWing, KemId.X25519] });
    const weaker = world.client(world.people.bob).plain({ kemList: [KemId.X25519] });
    const changed = withChanged(wanted, codes['kem-list'], { from: weaker })!;
    const { encryptionKey, kemList } = announced(world.request(changed));
    // The client, whose own list leads to another, takes none (section 5.1).
    expect([encryptionKey.kemId, kemList]).toEqual([KemId.X25519, world.part.offered]);
  });

  test.each([
    ['KEM List', 'stripped', 'option-missing'],
    ['KEM List', 'altered', 'announcement'],
    ['Cookie', 'stripped', 'announcement'],
    ['Cookie', 'altered', 'announcement'],
    ['Padding', 'stripped', 'amplification'],
    ['Padding', 'altered', 'announcement'],
  ] as const)('with its %s %s: %s', (name, change, expected) => {
    const cookie = world.cookie();
    const octets = world.client(world.people.alice).plain(name === 'Cookie' ? { cookie } : {});
    const code = { 'KEM List': codes['kem-list'], Cookie: codes.cookie, Padding: codes.padding }[name];
    const changed = withChanged(octets, code, change)!;
    if (expected === 'option-missing' || expected === 'amplification') {
      expect(() => world.request(changed)).toThrow(refusal(expected));
    } else {
      expect(answered(world.request(changed)).kind).toBe(expected);
    }
    expect([world.operations, world.part.table.size]).toEqual([0, 0]);
  });
});

describe('a query (sections 4 and 4.2)', () => {
  const world = World.forEachTest({});

  test.each([
    ['Server Identifier', OptionCode.ServerIdentifier, 'stripped', 'option-missing'],
    ['Server Identifier', OptionCode.ServerIdentifier, 'altered', 'server-identifier-mismatch'],
    ['Encrypted-Message', codes['encrypted-message'], 'stripped', 'option-missing'],
    ['Encrypted-Message', codes['encrypted-message'], 'altered', 'envelope-open-fail'],
    ['Encrypted-Message', codes['encrypted-message'], "another exchange's", 'replayed'],
  ] as const)('with its %s (%d) %s is refused: %s', (_, code, how, reason) => {
    const client = world.client(world.people.alice);
    const context = client.opened();
    const earlier = context.query();
    world.query(earlier);
    const octets = context.query({ cookie: world.cookie() });
    const changed = withChanged(octets, code, how === "another exchange's" ? { from: earlier } : how)!;
    expect(() => world.answerTo(changed)).toThrow(refusal(reason));
    expect(world.query(octets)).toMatchObject({ action: 'replace' });
  });

  test('in the place of another transaction does not open, and neither does one of another context', () => {
    const client = world.client(world.people.alice);
    const [one, other] = [client.opened(), client.opened()];
    const octets = one.query();
    const moved = Buffer.from(octets);
    moved.writeUIntBE(8, 1, 3);
    expect(() => world.answerTo(moved)).toThrow(refusal('envelope-open-fail'));
    const taken = withChanged(octets, codes['encrypted-message'], { from: other.query() })!;
    const named = Buffer.from(taken);
    octets.copy(named, 4 + 14 + 4 + 20, 4 + 14 + 4 + 20, 4 + 14 + 4 + 36);
    expect(() => world.answerTo(named)).toThrow(refusal('envelope-open-fail'));
    one.open(world.part.answers.seal(world.query(octets).handle, answer()).octets);
  });

  test.each(['stripped', 'altered'] as const)('with its Cookie %s is served all the same', (change) => {
    const octets = world.client(world.people.alice).opened().query({ cookie: world.cookie() });
    expect(world.query(withChanged(octets, codes.cookie, change)!)).toMatchObject({ action: 'replace' });
  });
});
