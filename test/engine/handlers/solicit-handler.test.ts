// SPDX-License-Identifier: MPL-2.0

/*
 * SolicitHandler: what becomes of a Solicit of solution B. Sections of docs/protocol.md.
 *
 * | section | rule                                                            | tests in                              |
 * | ------- | --------------------------------------------------------------- | ------------------------------------- |
 * | 5.2     | Kea answers it, with the Client Identifier that it needs         | a Solicit of solution B               |
 * | 5.2     | a bare key where the mode is `authenticated`                     | a Solicit that keeps its sender private |
 * | 3       | three times as much as came, and Retries                         | a Retry to a Solicit                  |
 * | 7       | a source that is ignored                                         | a Retry to a Solicit                  |
 * | 4.3     | the Encryption Key, of a KEM that the server offers              | the Encryption Key of a Solicit       |
 * | 3, 6    | what is refused, and leaves no record                            | a Solicit that is refused             |
 */

import { decodeMessage, encodeOptions, OptionCode } from '../../../src/dhcpv6';
import { defaultCodePoints, KemId } from '../../../src/protocol';
import {
  keysWithoutAgreement,
  altered,
  answered,
  identified,
  refusal,
  type RequestParts,
  World,
} from '../support/world';

const world = World.forEachTest({ solution: 'B', failures: 3 });
const rapidCommit = { code: OptionCode.RapidCommit, data: Buffer.alloc(0) };

function expectNothingLeft(): void {
  expect(world.part.table.size).toBe(0);
}

describe('a Solicit of solution B (section 5.2)', () => {
  test('is given to Kea with the DUID derived from its key, and with none of the options of the encryption', () => {
    const client = world.client(world.people.alice);
    const elapsed = { code: OptionCode.ElapsedTime, data: Buffer.alloc(2) };
    const verdict = world.solicit(client.solicit({ options: [elapsed], cookie: world.cookie() }));
    expect(verdict).toMatchObject({ action: 'replace', credential: 'certificate', text: 'CN=alice' });
    expect(decodeMessage(verdict.octets)).toEqual({
      msgType: 1,
      transactionId: 7,
      options: [identified(client.duid), elapsed],
    });
  });

  test.each([
    ['alice', 'certificate'],
    ['bare', 'public-key'],
  ] as const)('of %s makes its key known, and not its address', (name, credential) => {
    const client = world.client(world.people[name]);
    const octets = client.solicit({ options: [rapidCommit] });
    expect(world.solicit(octets)).toMatchObject({ credential });
    expect(world.lastTimestamp(client)).toBe(world.time());
    expect(world.part.clients.findByAddress(world.datagram(octets).source)).toBeUndefined();
  });

  test('has a handle of its own', () => {
    const handles = [world.people.alice, world.people.bob].map(
      (identity) => world.solicit(world.client(identity).solicit()).handle,
    );
    expect(new Set(handles).size).toBe(2);
  });
});

describe('a Solicit that keeps its sender private, where the mode is authenticated (section 5.2)', () => {
  const solicit = (parts: RequestParts = {}) =>
    world.solicit(world.client(world.people.bare).solicit(parts), { mode: 'authenticated' });

  test('is given to Kea to advertise to, and nothing is recorded', () => {
    expect(solicit()).toMatchObject({ action: 'replace', credential: 'unproven' });
    expectNothingLeft();
  });

  test('is refused with Rapid Commit, before any public-key operation', () => {
    expect(() => solicit({ options: [rapidCommit] })).toThrow(refusal('mode-refused'));
    expect(world.operations).toBe(0);
    expectNothingLeft();
  });

  test('has its signature and its time checked', () => {
    const octets = altered(world.client(world.people.bare).solicit(), -1);
    expect(() => world.solicit(octets, { mode: 'authenticated' })).toThrow(refusal('signature-fail'));
    expect(() => solicit({ timestamp: world.time(300_000) })).toThrow(refusal('timestamp-fail'));
    expectNothingLeft();
  });

  test('is as any other where a certificate is shown', () => {
    const client = world.client(world.people.alice);
    const verdict = world.solicit(client.solicit({ options: [rapidCommit] }), { mode: 'authenticated' });
    expect(verdict).toMatchObject({ credential: 'certificate' });
    expect(world.lastTimestamp(client)).toBe(world.time());
  });
});

describe('a Retry to a Solicit (sections 3 and 7)', () => {
  const retryTo = (octets: Buffer) => answered(world.solicitAnswer(octets));

  test('is an Encrypted-Response with Server Identifier and Cookie', () => {
    world.block();
    const { message, kind } = retryTo(world.client(world.people.alice).solicit());
    expect(kind).toBe('retry');
    expect(message).toMatchObject({
      msgType: defaultCodePoints.messageTypes['encrypted-response'],
      transactionId: 7,
      options: [{ code: OptionCode.ServerIdentifier }, { code: defaultCodePoints.optionCodes.cookie }],
    });
  });

  test('goes to a source that is ignored, before anything is verified; with its cookie the Solicit is served', () => {
    world.block();
    const client = world.client(world.people.alice);
    const { cookie } = retryTo(client.solicit());
    expect(world.operations).toBe(0);
    expectNothingLeft();
    expect(world.solicit(client.solicit({ cookie }))).toMatchObject({ action: 'replace' });
  });

  test('does not go to a cookie that is ignored', () => {
    const cookie = world.cookie();
    world.block({}, cookie);
    const octets = world.client(world.people.alice).solicit({ cookie });
    expect(() => world.solicit(octets)).toThrow(refusal('blocklisted'));
    expect(world.operations).toBe(0);
  });

  test('goes to what is shorter than a third of the least answer, before anything is verified', async () => {
    const { server, pki } = world.people;
    const chain = [...server.chain, ...Array.from({ length: 8 }, () => pki.anchor)];
    await world.restart({ solution: 'B', server: { ...server, chain } });
    const client = world.client(world.people.bare);
    const { cookie } = retryTo(client.solicit());
    expect(world.operations).toBe(0);
    expectNothingLeft();
    expect(world.solicit(client.solicit({ cookie }))).toMatchObject({ action: 'replace' });
  });
});

describe('the Encryption Key of a Solicit (section 4.3)', () => {
  const zeros = { kemId: KemId.P256, publicKey: Buffer.alloc(65) };

  test.each([
    ['of another KEM than the server offers', { kemList: [KemId.P384] }],
    ['that is none of its KEM', { kemList: [KemId.P256], encryptionKey: zeros }],
    ['of another length', { encryptionKey: { kemId: KemId.X25519, publicKey: Buffer.alloc(31) } }],
    ['of no KEM', { encryptionKey: { kemId: 0x0999, publicKey: Buffer.alloc(32) } }],
  ])('%s cannot be used, which costs nothing and leaves nothing', async (_, parts) => {
    await world.restart({ solution: 'B', offered: [KemId.X25519, KemId.P256] });
    const octets = world.client(world.people.alice).solicit(parts);
    expect(() => world.solicit(octets)).toThrow(refusal('encryption-key-unusable'));
    expect(world.operations).toBe(0);
    expectNothingLeft();
  });

  test.each(keysWithoutAgreement)('from which no agreement comes is reported: %s', (octets) => {
    const publicKey = Buffer.from(octets, 'hex');
    const client = world.client(world.people.alice);
    const solicit = client.solicit({ encryptionKey: { kemId: KemId.X25519, publicKey } });
    expect(() => world.solicit(solicit)).toThrow(refusal('encryption-key-unusable'));
  });

  test.each([KemId.X25519, KemId.P256, KemId.P384])(
    'of KEM %d is used where the server offers it',
    (kemId) => {
      const octets = world.client(world.people.alice).solicit({ kemList: [kemId] });
      expect(world.solicit(octets)).toMatchObject({ action: 'replace' });
    },
  );
});

describe('a Solicit that is refused (sections 3, 6 and 7)', () => {
  afterEach(expectNothingLeft);

  test('with a Client Identifier costs no public-key operation', () => {
    const client = world.client(world.people.alice);
    const octets = Buffer.concat([client.solicit(), encodeOptions([identified(client.duid)])]);
    expect(() => world.solicit(octets)).toThrow(refusal('client-identifier-present'));
    expect(world.operations).toBe(0);
  });

  test.each([-300_000, 300_000])('with a timestamp %d ms off costs no public-key operation', (offset) => {
    const octets = world.client(world.people.alice).solicit({ timestamp: world.time(offset) });
    expect(() => world.solicit(octets)).toThrow(refusal('timestamp-fail'));
    expect(world.operations).toBe(0);
  });

  test('whose signature is wrong', () => {
    const octets = altered(world.client(world.people.alice).solicit(), -1);
    expect(() => world.solicit(octets)).toThrow(refusal('signature-fail'));
  });

  test("with another authority's certificate", () => {
    expect(() => world.solicit(world.client(world.people.mallory).solicit())).toThrow(
      refusal('authentication-fail'),
    );
  });
});

test('a copy of a Solicit is dropped, and the record stays (section 6)', () => {
  const client = world.client(world.people.alice);
  const octets = client.solicit();
  world.solicit(octets);
  expect(() => world.solicit(octets)).toThrow(refusal('replayed'));
  expect(world.lastTimestamp(client)).toBe(world.time());
});
