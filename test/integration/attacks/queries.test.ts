// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { padPlaintext } from '../../../src/crypto';
import { encodeMessage, encodeOptions, MessageType, OptionCode } from '../../../src/dhcpv6';
import { KemId } from '../../../src/protocol';
import {
  codes,
  credentialOf,
  encryptionKeyOption,
  labels,
  later,
  newClientKey,
  newTransaction,
  opening,
  Queries,
  timestamp,
  types,
  type Inside,
  type Outer,
} from './support/forge';
import type { Party } from './support/party';
import { Range } from './support/range';
import { SERVER_DUID } from '../support';
import { stranger } from './support/signers';

const zeros = Buffer.alloc(8);

/** What a client whose key is good can do wrong in an Encrypted-Query (docs/protocol.md 3, 4, 4.1 to 4.3). */
describe.each([
  ['A', 0],
  ['B', 1],
] as const)('Encrypted-Queries of a malicious client, solution %s, %i relay(s),', (solution, relays) => {
  let range: Range;
  let mallory: Party;
  let solicit: Inside;

  beforeAll(async () => {
    range = await Range.open({
      solution,
      relays,
      parameters: { 'encryption-keys': { kems: ['x25519', 'p-256'] } },
    });
    mallory = await range.party('fe80::1:1');
    await mallory.authenticate(solution);
    solicit = later(mallory.question(MessageType.Solicit));
  });

  afterAll(() => range.close());

  const signed = (proof: Partial<Parameters<typeof opening>[1]> = {}): Inside =>
    opening(mallory.question(MessageType.Solicit), { signer: mallory.signer, ...proof });

  const fresh = (inside = signed(), outer: Outer = {}): Buffer =>
    new Queries(range.server).query(inside, outer);

  /** A context that the server knows. */
  async function open(): Promise<Queries> {
    const queries = new Queries(range.server);
    await serves(queries.query(signed()));
    return queries;
  }

  async function serves(query: Buffer): Promise<void> {
    expect((await range.wire.ask(query, mallory.sender)).readUInt8(0)).toBe(types['encrypted-response']);
  }

  it('to another server, or for another key, are refused', async () => {
    await range.refuses('option-length', [fresh(signed(), { serverIdentifier: Buffer.alloc(0) })]);
    const others = [Buffer.from('0003000102005e000001', 'hex'), Buffer.concat([SERVER_DUID, zeros])];
    await range.refuses(
      'server-identifier-mismatch',
      others.map((serverIdentifier) => fresh(signed(), { serverIdentifier })),
    );
    await range.turnsAway([
      fresh(signed(), { tag: zeros }),
      fresh(signed(), { tag: mallory.signer.key.public.keyId.subarray(0, 8) }),
    ]);
    await serves(fresh());
  });

  it('sent again, or from before the window, are refused, and forged ones do not move it', async () => {
    const queries = await open();
    const many = Array.from({ length: 70 }, () => queries.query(solicit));
    await serves(many[69]!);
    await range.refuses('replayed', [
      ...many.slice(0, 6),
      many[69]!,
      queries.query(solicit, { sequence: 70 }),
    ]);
    await serves(many[6]!);
    await range.refuses('replayed', [many[6]!]);
    await range.refuses('envelope-open-fail', [
      queries.query(solicit, { sequence: 0xffffffff }),
      queries.query(solicit, { sequence: 50 }),
    ]);
    await serves(many[49]!);
    await serves(many[68]!);
  });

  it('that are signed by nobody in an open context put no timestamp on record', async () => {
    const queries = await open();
    const forged = { timestamp: timestamp(200), covered: (octets: Buffer) => octets.subarray(1) };
    // Its context authenticates it, and nobody looks at the proof (docs/protocol.md 4.2).
    await serves(queries.query(signed(forged)));
    await serves(fresh());
  });

  it('in a context that nobody knows are turned away, and open none', async () => {
    const unknown = new Queries(range.server);
    await range.turnsAway([
      unknown.query(signed(), { enc: Buffer.alloc(0) }),
      (await open()).query(solicit, { contextIdentifier: randomBytes(16) }),
    ]);
  });

  it('with enc in an open context are copies, and with another enc are of another one', async () => {
    const queries = await open();
    await range.refuses('replayed', [queries.query(solicit, { enc: queries.enc })]);
    const { contextIdentifier } = queries;
    // Four contexts of one identifier, and none is ended for a fifth (docs/protocol.md 4.1).
    for (let n = 0; n < 3; n += 1) {
      await serves(fresh(signed(), { contextIdentifier }));
    }
    await range.refuses('context-mismatch', [fresh(signed(), { contextIdentifier })]);
    await serves(queries.query(solicit));
  });

  it('that are not signed as they should be open no context', async () => {
    const unsigned = [
      { unsigned: true, timestamp: undefined, keyIdentifier: undefined },
      { unsigned: true },
      { timestamp: undefined },
      { keyIdentifier: undefined },
      { encryptionKey: undefined },
    ];
    await range.refuses('query-unsigned', [fresh(solicit), ...unsigned.map((proof) => fresh(signed(proof)))]);
    await range.refuses('timestamp-fail', [
      fresh(signed({ timestamp: timestamp(-301) })),
      fresh(signed({ timestamp: timestamp(360) })),
    ]);
    await range.refuses('option-length', [
      fresh(signed({ keyIdentifier: Buffer.alloc(0) })),
      fresh(signed({ keyIdentifier: mallory.signer.key.public.keyId.subarray(1) })),
    ]);
    const wrong = [
      { covered: (octets: Buffer) => octets.subarray(1) },
      ...[labels.query, labels.client, Buffer.alloc(0)].map((prefix) => ({ prefix })),
    ];
    // Without a credential inside it may be another key's (docs/protocol.md 4.2).
    await range.refuses(
      'authentication-fail',
      wrong.map((proof) => fresh(signed(proof))),
    );
    const credential = credentialOf(mallory.signer);
    await range.refuses(
      'signature-fail',
      wrong.map((proof) => fresh(signed({ ...proof, credential }))),
    );
    await range.refuses('algorithm-not-supported', [
      fresh(signed({ shown: [1, 0x81], credential })),
      fresh(signed({ shown: [1, 2], used: [1, 2], credential })),
    ]);
    const keys = [KemId.P256, KemId.XWing].map((kemId) => newClientKey(kemId).public);
    await range.refuses('encryption-key-unusable', [
      ...keys.map((key) => fresh(signed({ encryptionKey: encryptionKeyOption(key) }))),
      fresh(
        signed({ encryptionKey: encryptionKeyOption({ kemId: KemId.X25519, octets: Buffer.alloc(31) }) }),
      ),
    ]);
    await range.refuses('key-unknown', [fresh(signed({ signer: stranger() }))]);
    await serves(fresh());
  });

  it('with a signature that was made for another context are refused', async () => {
    let otherContext = Buffer.alloc(0);
    const transactionId = newTransaction();
    const proof = opening(range.good.question(MessageType.Release), { signer: range.good.signer });
    const copy: Inside = (aad) => (otherContext = Buffer.from(aad));
    fresh(copy, { transactionId });
    const moved: Inside = (_aad, id, place) => proof(otherContext, id, place);
    await range.refuses('authentication-fail', [fresh(moved, { transactionId })]);
  });

  it('with anything but one client message inside are refused', async () => {
    const queries = await open();
    const relay = Buffer.concat([
      Buffer.from([12, 0]),
      Buffer.alloc(32),
      encodeOptions([
        { code: OptionCode.RelayMessage, data: solicit(zeros, 1, { info: zeros, own: newClientKey() }) },
      ]),
    ]);
    const relayReply = Buffer.concat([Buffer.from([13]), relay.subarray(1)]);
    const foreign = [0, 2, 7, 10, 36, 251, 252, 253, 254, 255].map(
      (msgType): Inside =>
        (_aad, transactionId) =>
          encodeMessage({ ...mallory.question(MessageType.Solicit), msgType, transactionId }),
    );
    const inside = [...foreign, () => relayReply, () => Buffer.alloc(0)];
    await range.refuses('inner-message-type', [
      ...inside.map((message) => queries.query(message)),
      ...inside.map((message) => fresh(message)),
    ]);
    // Only relay agents that the server names send these (docs/protocol.md 5.4).
    await range.refuses('relay-agent-unknown', [queries.query(() => relay)]);
    await range.refuses('query-unsigned', [fresh(() => relay)]);
    await serves(queries.query(solicit));
  });

  it('with an inside that contradicts the outside, or is malformed, are refused', async () => {
    const queries = await open();
    const question = mallory.question(MessageType.Solicit);
    const withServer = (...servers: Buffer[]): Inside =>
      later({
        ...question,
        options: [
          ...question.options,
          ...servers.map((data) => ({ code: OptionCode.ServerIdentifier, data })),
        ],
      });
    const lasting = (change: (plaintext: Buffer) => Buffer): Buffer =>
      queries.plain((...args) => change(padPlaintext(solicit(...args))));
    const set = (at: number, value: number): Buffer =>
      lasting((plaintext) => {
        plaintext.writeUInt8(value, at < 0 ? plaintext.length + at : at);
        return plaintext;
      });
    await range.refuses('inner-transaction-id', [
      queries.query((aad, id, place) => solicit(aad, id ^ 1, place)),
      fresh(signed({ transactionId: 1 })),
    ]);
    await range.refuses('inner-server-identifier', [
      queries.query(withServer(Buffer.from('0003000102005e000001', 'hex'))),
    ]);
    await range.refuses('option-length', [queries.query(withServer(Buffer.alloc(0)))]);
    await range.refuses('option-repeated', [queries.query(withServer(SERVER_DUID, SERVER_DUID))]);
    await range.refuses('inner-malformed', [
      set(0, 0xff),
      set(1, 0xff),
      set(-1, 1),
      lasting(() => Buffer.alloc(0)),
      lasting(() => Buffer.alloc(1)),
      queries.query((...args) => solicit(...args).subarray(0, -1)),
      // Kea takes it in clear; under encryption nothing travels behind the options (docs/protocol.md 4).
      queries.query((...args) => Buffer.concat([solicit(...args), Buffer.of(0)])),
      queries.query((...args) => solicit(...args).subarray(0, 3)),
    ]);
    await serves(lasting((plaintext) => plaintext));
  });

  it('in another envelope than they should be in are refused', async () => {
    const queries = await open();
    const suite = { kemId: KemId.X25519, kdfId: 0x0001, aeadId: 0x0001 };
    await range.refuses('context-mismatch', [
      queries.query(solicit, { suite: { ...suite, aeadId: 2 } }),
      queries.query(solicit, { suite: { ...suite, kemId: KemId.P256 } }),
      queries.query(solicit, { suite: { ...suite, kdfId: 2 } }),
    ]);
    await range.refuses('envelope-mode', [
      ...[1, 2, 3, 255].map((mode) => queries.query(solicit, { mode })),
      ...[1, 2, 3, 255].map((mode) => fresh(signed(), { mode })),
      new Queries(range.server, suite, Buffer.alloc(32, 1)).query(signed()),
    ]);
    await range.refuses('envelope-suite', [
      ...[0, 4, 0xffff].map((aeadId) => fresh(signed(), { suite: { ...suite, aeadId } })),
      fresh(signed(), { suite: { ...suite, kdfId: 2 } }),
      fresh(signed(), { suite: { ...suite, kemId: KemId.P256 } }),
      fresh(signed(), { suite: { ...suite, kemId: 0xfe01 } }),
    ]);
    // Points of no length or order that X25519 takes (RFC 9180 section 7.1.4).
    const points = [Buffer.alloc(32), Buffer.from([4]), randomBytes(65), Buffer.alloc(2000, 4)];
    await range.refuses('envelope-open-fail', [
      ...points.map((enc) => fresh(signed(), { enc })),
      fresh(signed(), { enc: randomBytes(32) }),
    ]);
    await serves(queries.query(solicit));
    for (const aeadId of [2, 3]) {
      await serves(new Queries(range.server, { aeadId }).query(signed()));
    }
  });

  it('with other options than their two, or changed outside, are refused', async () => {
    const queries = await open();
    const extra = { code: OptionCode.ElapsedTime, data: Buffer.alloc(2) };
    const server = { code: OptionCode.ServerIdentifier, data: SERVER_DUID };
    const envelope = { code: codes['encrypted-message'], data: Buffer.from([2]) };
    const head = { msgType: 251, transactionId: newTransaction() };
    await range.refuses('option-unexpected', [queries.query(solicit, { options: [extra] })]);
    await range.refuses('option-repeated', [
      queries.query(solicit, { options: [server] }),
      queries.query(solicit, { options: [envelope] }),
    ]);
    await range.refuses('option-missing', [
      encodeMessage({ ...head, options: [] }),
      encodeMessage({ ...head, options: [server] }),
      encodeMessage({ ...head, options: [envelope] }),
    ]);
    await range.refuses('envelope-version', [
      encodeMessage({ ...head, options: [server, { ...envelope, data: Buffer.alloc(0) }] }),
      encodeMessage({ ...head, options: [server, { ...envelope, data: Buffer.alloc(100, 1) }] }),
      encodeMessage({ ...head, options: [server, { ...envelope, data: Buffer.alloc(100, 3) }] }),
    ]);
    await range.refuses('envelope-malformed', [encodeMessage({ ...head, options: [server, envelope] })]);
    const [good, other] = [queries.query(solicit), fresh()];
    const otherTransaction = [good, other].map((octets) => {
      const copy = Buffer.from(octets);
      copy.writeUInt8(copy.readUInt8(3) ^ 1, 3);
      return copy;
    });
    await range.refuses('envelope-open-fail', otherTransaction);
    await serves(good);
    await serves(other);
  });
});
