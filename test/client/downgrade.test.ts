// SPDX-License-Identifier: MPL-2.0

/**
 * Somebody between client and server changes options of what the server says, or of what the client asks (docs/protocol.md
 * 3, 5.1, 5.2, 7): the client takes none of it, and encrypts to no key but the one that its own list leads to.
 */
import { decodeMessage, OptionCode } from '../../src/dhcpv6';
import {
  decodeServerAnswer,
  defaultCodePoints,
  encodeRetry,
  KemId,
  recipientTag,
  type SignedAnswer,
} from '../../src/protocol';
import { type Change, withChanged } from '../support/option-changes';
import {
  addresses,
  envelopeOf,
  leasedAddress,
  setUp,
  type ClientUnderTest,
  type Setup,
} from './support/client-set-up';
import { EngineServer } from './support/engine-server';

const { optionCodes: codes, messageTypes: types } = defaultCodePoints;
const duid = Buffer.from('00030001000000000001', 'hex');
const kemList = [KemId.P256, KemId.X25519];
/** Milliseconds from the beginning to the first test, and from one to the next. */
const [head, step] = [100_000, 1000] as const;

const named = {
  'Server Identifier': OptionCode.ServerIdentifier,
  Certificate: codes.certificate,
  Timestamp: codes.timestamp,
  'KEM List': codes['kem-list'],
  'Encryption Key': codes['encryption-key'],
  Signature: codes.signature,
  Cookie: codes.cookie,
} as const;

/** What a server says, in answer to which message of the client, and its options. */
const forms = [
  { what: 'an Encrypted-Reply', solution: 'A', asks: types['encrypted-request'], options: named },
  {
    what: 'the Encrypted-Response to a Solicit',
    solution: 'B',
    asks: 1,
    options: {
      ...named,
      'Encrypted-Message': codes['encrypted-message'],
      'Request Digest': codes['request-digest'],
    },
  },
  {
    what: 'the Encrypted-Response to a query',
    solution: 'A',
    asks: types['encrypted-query'],
    options: { 'Encrypted-Message': codes['encrypted-message'] },
  },
] as const;

const hows = [
  'stripped',
  'altered',
  "replaced by another server's",
  "replaced by an older one's",
  "replaced by another exchange's",
] as const;

/** Server Identifier and Cookie (docs/protocol.md 3). */
const isRetry = (octets: Buffer): boolean => decodeMessage(octets).options.length === 2;

/** Options of one server that do not change from one message to the next, and what the two servers have in common. */
const lasting = ['Server Identifier', 'Certificate', 'KEM List', 'Encryption Key'];
const same: Readonly<Record<(typeof hows)[number], readonly string[]>> = {
  stripped: [],
  altered: [],
  "replaced by another server's": ['KEM List'],
  "replaced by an older one's": lasting,
  "replaced by another exchange's": lasting,
};

describe.each(forms)('$what, on its way to the client,', ({ solution, asks, options }) => {
  let server: EngineServer;
  let other: EngineServer;
  /** The same from another server, from the same one a while ago, and from it to another client at about the same time. */
  let others: Record<Exclude<(typeof hows)[number], 'stripped' | 'altered'>, Buffer>;
  /** Of the server's key of the KEM that the client wants most. */
  let tag: Buffer;
  let tests = 0;

  beforeAll(async () => {
    server = new EngineServer('server-P-256', duid, { solution });
    other = new EngineServer('server-P-384', Buffer.from('00030001000000000002', 'hex'), { solution });
    const older = await said(server, 0);
    const foreign = await said(other, head - step);
    const another = await said(server, head - step);
    ({ tag } = another);
    others = {
      "replaced by an older one's": older.answer,
      "replaced by another server's": foreign.answer,
      "replaced by another exchange's": another.answer,
    };
  });

  afterAll(() => Promise.all([server, other].map(({ engine }) => engine.close())));

  function started(answer: Setup['answer'], later: number): ClientUnderTest {
    const test = setUp({ solution, options: { kemList }, answer });
    test.environment.pass(later);
    return test;
  }

  /** What a server answers such a message of a client, and the key that it tells. */
  async function said(
    by: EngineServer,
    later: number,
  ): Promise<{ readonly answer: Buffer; readonly tag: Buffer }> {
    const told: Buffer[] = [];
    const heard: Buffer[] = [];
    const { client } = started(async (octets, now) => {
      const answers = await by.answer(octets, now);
      told.push(...answers.filter((answer) => !isRetry(answer)));
      heard.push(...(octets[0] === asks ? answers.filter((answer) => !isRetry(answer)) : []));
      return answers;
    }, later);
    await client.obtain();
    const msgType = solution === 'A' ? 'encrypted-reply' : 'encrypted-response';
    const { encryptionKey } = decodeServerAnswer(defaultCodePoints, msgType, told[0]!) as SignedAnswer;
    return { answer: heard[0]!, tag: recipientTag(encryptionKey.kemId, encryptionKey.publicKey) };
  }

  const rows = Object.entries(options)
    .flatMap(([name, code]) => hows.map((how) => ({ name, code, how })))
    .filter(({ name, how }) => !same[how].includes(name));

  test.each(rows)('with its $name $how gives nothing away', async ({ code, how }) => {
    tests += 1;
    let changed: Buffer | undefined;
    const { client, link, notices } = started(
      async (octets, now) => {
        const answers = await server.answer(octets, now);
        if (octets[0] !== asks || changed !== undefined || isRetry(answers[0]!)) {
          return answers;
        }
        const change: Change = how === 'stripped' || how === 'altered' ? how : { from: others[how] };
        changed = withChanged(answers[0]!, code, change);
        return [...(changed === undefined ? [] : [changed]), ...answers];
      },
      head + tests * step,
    );

    expect(addresses(await client.obtain())).toEqual([leasedAddress]);

    expect(changed).toBeDefined();
    // A Cookie is not signed; another one opens nothing.
    expect(notices).toHaveLength(code === codes.cookie ? 0 : 1);
    const queries = link.sent.filter(([type]) => type === types['encrypted-query']).map(envelopeOf);
    expect(queries).toHaveLength(2);
    for (const query of queries) {
      expect([query.kemId, query.recipientTag]).toEqual([kemList[0], tag]);
    }
  });
});

describe('a Retry, on its way to the client,', () => {
  const server = (): EngineServer => new EngineServer('server-P-256', duid);

  test.each([
    ['Server Identifier', OptionCode.ServerIdentifier, 'stripped', 1],
    ['Server Identifier', OptionCode.ServerIdentifier, 'altered', 0],
    ['Cookie', codes.cookie, 'stripped', 1],
    ['Cookie', codes.cookie, 'altered', 0],
  ] as const)('with its %s (%d) %s changes no key', async (_, code, change, ignored) => {
    const kea = server();
    const test = setUp({
      options: { kemList },
      answer: async (octets, now) => {
        const answers = await kea.answer(octets, now);
        if (octets[0] !== types['encrypted-request']) {
          return answers;
        }
        const transactionId = octets.readUIntBE(1, 3);
        const retry = encodeRetry(
          defaultCodePoints,
          'encrypted-reply',
          transactionId,
          duid,
          Buffer.from('cookie'),
        );
        return [withChanged(retry, code, change)!, ...answers];
      },
    });
    expect(addresses(await test.client.obtain())).toEqual([leasedAddress]);
    expect(new Set(test.notices).size).toBe(ignored);
    const queries = test.link.sent.filter(([type]) => type === types['encrypted-query']);
    expect(new Set(queries.map((octets) => envelopeOf(octets).kemId))).toEqual(new Set([KemId.P256]));
    await kea.engine.close();
  });
});

describe('a client that wants X-Wing, whose KEM List arrives as X25519 alone,', () => {
  test.each([
    ['A', false, 'an Encryption Key of kem_id 0x20, not of 0x647a'],
    ['A', true, "a report on a message that is not this client's"],
    ['B', true, "an answer to a Solicit that is not this client's"],
  ] as const)(
    'solution %s, its credential shown: %p: encrypts to no key',
    async (solution, showsCredential, text) => {
      const kea = new EngineServer('server-P-256', duid, { solution, reportFailures: true });
      const x25519 = setUp({
        solution,
        options: { kemList: [KemId.X25519], showsCredential },
        answer: () => Promise.resolve([]),
        patience: 100,
      });
      await expect(x25519.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
      const list = { from: x25519.link.sent[0]! };
      const { client, link, notices } = setUp({
        solution,
        options: { kemList: [KemId.XWing, KemId.X25519], showsCredential },
        answer: (octets, now) => kea.answer(withChanged(octets, codes['kem-list'], list) ?? octets, now),
      });
      await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
      expect(notices.length).toBeGreaterThan(0);
      for (const notice of notices) {
        expect(notice).toContain(text);
      }
      expect(link.sent.some(([type]) => type === types['encrypted-query'])).toBe(false);
      await kea.engine.close();
    },
  );
});
