// SPDX-License-Identifier: MPL-2.0

/*
 * ClientDirectory: whose a Client Identifier is. Section 8 of docs/protocol.md.
 *
 * | rule                                                          | test                                                    |
 * | ------------------------------------------------------------- | ------------------------------------------------------- |
 * | a bare key has the DUID derived from it                       | a bare key uses the DUID derived from it and no other   |
 * | a certified key has one more, when Kea has answered it        | another DUID of a certified key is bound                |
 * | a bound DUID is no other key's                                | of two keys that use one at once                        |
 * | the derived DUID is its key's, whoever has used it before     | the derived DUID is its key's                           |
 */

import { deriveDuid, keyIdentifier } from '../../../src/crypto';
import { MessageType, OptionCode } from '../../../src/dhcpv6';
import { ClientDirectory } from '../../../src/engine/clients/client-directory';
import type { ClientIdentity } from '../../../src/engine/key-table/client-identity';
import { CurrentTrust } from '../../../src/engine/clients/current-trust';
import { KeyTable } from '../../../src/engine/key-table';
import { hex, vectors } from '../../crypto/support/vectors';
import { TestDirectory } from '../../support/test-directory';
import { bareClient, certifiedClient, duid, start } from '../key-table/support/clients';

const directory = TestDirectory.forEachTest();
let table: KeyTable;
let clients: ClientDirectory;

afterEach(() => table.close());

beforeEach(() => {
  const now = (): number => start;
  table = KeyTable.open({ directory: directory.path, maxEntries: 1000, lifetime: 600, now });
  const trust = new CurrentTrust({ anchors: [], intermediates: [], crls: [], lapsedCrls: [] });
  clients = new ClientDirectory(table, trust, now);
});

const message = (data?: Buffer) => ({
  msgType: MessageType.Solicit,
  transactionId: 7,
  options: data === undefined ? [] : [{ code: OptionCode.ClientIdentifier, data }],
});
const use = (client: ClientIdentity, named?: Buffer) =>
  clients.requireClientIdentifier(client, message(named));
const answer = (client: ClientIdentity, named?: Buffer): void => {
  clients.bindAnswered(client, message(named));
};
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe('whose a Client Identifier is (docs/protocol.md 8)', () => {
  const [bare, alice, bob] = [bareClient('a'), certifiedClient('b', 'alice'), certifiedClient('c', 'bob')];

  test('a bare key uses the DUID derived from it and no other, not even one that was bound to it', () => {
    expect(use(bare, deriveDuid(bare.spki))).toBe('settled');
    expect(table.boundDuids()).toEqual([deriveDuid(bare.spki)]);
    table.bind(duid('x'), bare, false);
    for (const named of [duid('x'), duid('y'), deriveDuid(alice.spki)]) {
      expect(() => use(bare, named)).toThrow(refusal('identity-refused'));
    }
    expect(use(bare)).toBe('settled');
  });

  test('another DUID of a certified key is bound when Kea has answered, and not before', () => {
    expect(use(alice, duid('x'))).toBe('unbound');
    expect(table.boundDuids()).toEqual([]);
    answer(alice, duid('x'));
    expect(table.boundDuids()).toEqual([duid('x')]);
    expect(use(alice, duid('x'))).toBe('settled');
    expect(() => use(alice, duid('y'))).toThrow(refusal('identity-refused'));
    expect(() => use(bob, duid('x'))).toThrow(refusal('identity-refused'));
  });

  test('of two keys that use one at once, and of two DUIDs of one key, the first answer decides', () => {
    expect([use(alice, duid('x')), use(bob, duid('x')), use(alice, duid('y'))]).toEqual(
      Array.from({ length: 3 }, () => 'unbound'),
    );
    answer(bob, duid('x'));
    expect(() => {
      answer(alice, duid('x'));
    }).toThrow(refusal('identity-refused'));
    answer(alice, duid('y'));
    expect(() => {
      answer(bob, duid('z'));
    }).toThrow(refusal('identity-refused'));
    // What names no client, or the derived DUID, binds nothing else.
    answer(alice);
    answer(alice, deriveDuid(alice.spki));
    expect(table.entry(alice.keyId)?.duids).toEqual([duid('y'), deriveDuid(alice.spki)]);
  });

  test("the derived DUID is its key's, of whatever form others are", () => {
    answer(alice, deriveDuid(bob.spki));
    expect(use(bob, deriveDuid(bob.spki))).toBe('settled');
    expect(() => use(alice, deriveDuid(bob.spki))).toThrow(refusal('identity-refused'));
    expect(use(alice, Buffer.from('0004ba284e1ba12f8d419a010800200c9a66', 'hex'))).toBe('unbound');
  });
});

/** What of ownership.json asks for no lease: who owns one is for the lease to say. */
describe('known answers: a DUID that has no lease (docs/protocol.md 8)', () => {
  const { senders, duids, subnets, cases } = vectors('protocol/ownership.json') as {
    readonly senders: Readonly<
      Record<string, { readonly spki: string; readonly certificate_chain_pem: string | null }>
    >;
    readonly duids: Readonly<Record<string, string>>;
    readonly subnets: Readonly<Record<string, { readonly mode: string }>>;
    readonly cases: readonly {
      readonly case: string;
      readonly leases: readonly unknown[];
      readonly sender: string | null;
      readonly duid: string;
      readonly subnet: string;
      readonly served: boolean;
    }[];
  };
  const identityOf = (name: string): ClientIdentity => {
    const { spki: text, certificate_chain_pem } = senders[name]!;
    const spki = hex(text);
    const client = certificate_chain_pem === null ? bareClient(name) : certifiedClient(name, name);
    return { ...client, spki, keyId: keyIdentifier(spki) };
  };
  const asked = cases.flatMap(({ leases, sender, subnet, ...rest }) =>
    leases.length === 0 && sender !== null && subnets[subnet]!.mode !== 'off' ? [{ ...rest, sender }] : [],
  );

  test.each(asked)('$case', ({ sender, duid: name, served }) => {
    const act = () => use(identityOf(sender), hex(duids[name]!));
    if (served) {
      expect(act).not.toThrow();
    } else {
      expect(act).toThrow(refusal('identity-refused'));
    }
  });

  test('there are eight', () => {
    expect(asked).toHaveLength(8);
  });
});
