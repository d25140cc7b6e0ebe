// SPDX-License-Identifier: MPL-2.0

/*
 * FailureReporter: which failures are told, to whom, and how often. Section 7 of docs/protocol.md.
 *
 * | rule                                                                     | test                                    |
 * | ------------------------------------------------------------------------ | --------------------------------------- |
 * | AlgorithmNotSupported, AuthenticationFail, TimestampFail, SignatureFail   | the status of a report                  |
 * | an Encrypted-Reply, in solution B an Encrypted-Response; Request Digest   | the form of a report                    |
 * | AlgorithmNotSupported always, the others with `report-failures`           | the setting                             |
 * | limited in total, per source, and per cookie                              | how often                               |
 * | three times what came, without a cookie (section 3)                       | a report that is too long               |
 * | nothing of what a client is, which the server's log has                   | a report in clear                       |
 */

import { X509Certificate } from 'node:crypto';
import type { RecipientPrivateKey } from '../../../src/crypto';
import { type DropReason, dropReasons, EngineDrop } from '../../../src/engine/packet/drop-reasons';
import { EndEntity } from '../../../src/pki';
import {
  defaultCodePoints,
  KemId,
  ProtocolError,
  protocolErrorCodes,
  requestDigest,
  requireMessageSignature,
} from '../../../src/protocol';
import { announced, answered, type Arrival, refusal, type TestClient, World } from '../support/world';

const world = World.forEachTest();

function errorOf(reason: DropReason): Error {
  const code = protocolErrorCodes.find((each) => each === reason);
  return code === undefined ? new EngineDrop(reason, 'why') : new ProtocolError(code, 'why');
}

const shown = (cookie?: Buffer): Buffer => world.client(world.people.alice).shown({ cookie });
const report = (reason: DropReason, octets = shown(), arrival: Arrival = {}) =>
  world.part.reporter.report(errorOf(reason), reason, world.datagram(octets, arrival));

/** What is reported, and as what. */
const statuses = [
  ['credential-invalid', 'authentication-fail'],
  ['algorithm-not-supported', 'algorithm-not-supported'],
  ['authentication-fail', 'authentication-fail'],
  ['timestamp-fail', 'timestamp-fail'],
  ['signature-fail', 'signature-fail'],
  ['encryption-key-unusable', 'algorithm-not-supported'],
  ['key-unknown', 'authentication-fail'],
  ['key-identifier-mismatch', 'authentication-fail'],
  ['mode-refused', 'authentication-fail'],
] as const;

const texts = {
  'algorithm-not-supported': 'an algorithm or key that is not supported',
  'authentication-fail': 'the credential is refused, or not known',
  'timestamp-fail': 'the timestamp is refused',
  'signature-fail': 'the signature does not verify',
};

describe('the status of a report', () => {
  test.each(statuses)('of %s is %s', (reason, status) => {
    const verdict = report(reason);
    expect(verdict).toMatchObject({ action: 'reply', reason, text: 'refused: why' });
    expect(announced(verdict!).status).toEqual({
      code: defaultCodePoints.statusCodes[status],
      message: texts[status],
    });
  });

  test('is none of any other failure', () => {
    const told = dropReasons.filter(
      (reason, at) => report(reason, shown(), { from: `fe80::${at + 1}` }) !== undefined,
    );
    // The total of this world is eight.
    expect(told).toEqual(statuses.map(([reason]) => reason).slice(0, 8));
    const silent = dropReasons.filter((reason) => !statuses.some(([each]) => each === reason));
    expect(silent.map((reason) => report(reason))).toEqual(silent.map(() => undefined));
  });
});

describe('the form of a report', () => {
  const requireSigned = (reply: ReturnType<typeof announced>): void => {
    const { key } = world.part.keys.signer;
    requireMessageSignature(defaultCodePoints, 'server', reply, key.public);
  };

  test('is an Encrypted-Reply to the request, signed, with its Request Digest', () => {
    const octets = shown();
    const reply = announced(report('signature-fail', octets)!);
    expect(reply).toMatchObject({
      kind: 'report',
      timestamp: world.time(),
      requestDigest: requestDigest(octets),
    });
    expect(reply.message.msgType).toBe(defaultCodePoints.messageTypes['encrypted-reply']);
    expect(reply.message.transactionId).toBe(7);
    expect(reply.credential).toEqual({ kind: 'certificate', certificates: world.part.keys.signer.chain });
    expect(() => requireSigned(reply)).not.toThrow();
  });

  test('has the Status Code and the Request Digest before the Signature, and the Cookie behind it', () => {
    const { optionCodes } = defaultCodePoints;
    const codes = announced(report('signature-fail')!).message.options.map(({ code }) => code);
    const { 'request-digest': digest, signature, cookie } = optionCodes;
    expect(codes.slice(-4)).toEqual([13, digest, signature, cookie]);
  });

  test('is the digest of the message without the relay agents around it', () => {
    const octets = shown();
    const relayed = report('signature-fail', octets, { relayOptions: [] });
    expect(announced(relayed!).requestDigest).toEqual(requestDigest(octets));
  });

  test('has a key of the KEM that the list of the request, or the query, leads to', () => {
    const client = world.client(world.people.alice);
    const request = client.shown({ kemList: [KemId.P256] });
    expect(announced(report('signature-fail', request)!).encryptionKey.kemId).toBe(KemId.P256);
    const query = client.context({ kemId: KemId.P384 }).opening();
    expect(announced(report('signature-fail', query)!).encryptionKey.kemId).toBe(KemId.P384);
  });

  test('is in solution B an Encrypted-Response without Encrypted-Message', async () => {
    await world.restart({ solution: 'B' });
    const octets = world.client(world.people.alice).solicit();
    const reply = announced(report('encryption-key-unusable', octets)!);
    expect(reply.message.msgType).toBe(defaultCodePoints.messageTypes['encrypted-response']);
    expect(reply).toMatchObject({
      kind: 'report',
      encryptedMessage: undefined,
      requestDigest: requestDigest(octets),
    });
    expect(() => requireSigned(reply)).not.toThrow();
  });
});

test('the setting turns off all but AlgorithmNotSupported', async () => {
  await world.restart({ reportFailures: false });
  const told = statuses.filter(
    ([reason], at) => report(reason, shown(), { from: `fe80::${at + 1}` }) !== undefined,
  );
  expect(told.map(([, status]) => status)).toEqual(['algorithm-not-supported', 'algorithm-not-supported']);
});

describe('how often', () => {
  const isReported = (from: string, cookie?: Buffer): boolean =>
    report('signature-fail', shown(cookie), { from }) !== undefined;

  test('one source gets so many, and another its own', () => {
    expect(['fe80::1', 'fe80::1', 'fe80::1', 'fe80::2'].map((from) => isReported(from))).toEqual([
      ...[true, true],
      ...[false, true],
    ]);
  });

  test('a cookie gets so many of its own, whatever came in its source’s name without one', () => {
    const cookie = world.cookie({ from: 'fe80::1' });
    expect([1, 2, 3].map(() => isReported('fe80::1'))).toEqual([true, true, false]);
    expect([1, 2, 3].map(() => isReported('fe80::1', cookie))).toEqual([true, true, false]);
  });

  test('all together get so many, of which a report to a cookie is one', () => {
    const of = (n: number): boolean => isReported(`fe80::${n}`, world.cookie({ from: `fe80::${n}` }));
    expect(Array.from({ length: 9 }, (_, n) => of(n + 1))).toEqual([
      ...Array.from({ length: 8 }, () => true),
      false,
    ]);
  });

  test('clients that share an address are told by their link', () => {
    const arrival = (from: string) => ({ from, relayOptions: [] });
    const told = ['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(
      (from) => report('signature-fail', shown(), arrival(from)) !== undefined,
    );
    expect(told).toEqual([true, true, false]);
  });
});

describe('a report that is too long', () => {
  const withLongChain = () => {
    const { server, pki } = world.people;
    return world.restart({
      server: { ...server, chain: [...server.chain, ...Array.from({ length: 5 }, () => pki.anchor)] },
    });
  };

  test('is a Retry, and with its cookie it is told', async () => {
    await withLongChain();
    const { kind, cookie } = answered(report('signature-fail')!);
    expect(kind).toBe('retry');
    expect(answered(report('signature-fail', shown(cookie))!).kind).toBe('report');
  });

  test('is none where a relay agent leaves no room', () => {
    const relayOptions = [{ code: 18, data: Buffer.alloc(65_400) }];
    expect(() => report('signature-fail', shown(), { relayOptions })).toThrow(refusal('answer-too-long'));
  });
});

describe('a report in clear', () => {
  type Form = 'shown' | 'solicit' | 'opening';
  const forms = [
    ['A', 'shown'],
    ['B', 'solicit'],
    ['A', 'opening'],
    ['B', 'opening'],
  ] as const;

  const message = (client: TestClient, form: Form, parts: { readonly timestamp?: bigint } = {}): Buffer =>
    form === 'opening' ? client.context().opening(parts) : client[form](parts);

  /** What the failure of a message is told by. */
  function refused(octets: Buffer, form: Form): { readonly log: string; readonly octets: Buffer } {
    const take = {
      shown: () => world.request(octets),
      solicit: () => world.solicitAnswer(octets),
      opening: () => world.answerTo(octets),
    }[form];
    try {
      take();
    } catch (error) {
      const { code, message: log } = error as ProtocolError;
      return {
        log,
        octets: world.part.reporter.report(error as Error, code, world.datagram(octets))!.octets,
      };
    }
    throw new Error('taken');
  }

  /** @param issuer whether its issuer is not the server's own, whose name the report has */
  function expectNothingOf({ signer }: TestClient, octets: Buffer, issuer = true): void {
    const { message: text } = announced({ octets }).status!;
    const certificate = new X509Certificate(signer.chain[0]!);
    const { subjectDer, issuerDer } = EndEntity.parse(signer.chain[0]!);
    const name = certificate.subject.replace('CN=', '');
    for (const secret of [
      name,
      certificate.serialNumber,
      certificate.issuer,
      signer.key.public.keyId.toString('hex'),
    ]) {
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    }
    const octetsOf = [
      Buffer.from(name),
      Buffer.from(certificate.serialNumber, 'hex'),
      signer.key.public.keyId,
      signer.key.public.spki,
      subjectDer,
      ...(issuer ? [issuerDer] : []),
    ];
    expect(octetsOf.filter((secret) => octets.includes(secret))).toEqual([]);
  }

  test.each(forms)(
    "solution %s, %s: has nothing of another authority's certificate",
    async (solution, form) => {
      await world.restart({ solution });
      const mallory = world.client(world.people.mallory);
      const { log, octets } = refused(message(mallory, form), form);
      expect(log).toContain('CN=mallory');
      expectNothingOf(mallory, octets);
    },
  );

  test.each(forms)('solution %s, %s: has nothing of a certificate that has ended', async (solution, form) => {
    await world.restart({ solution });
    const alice = world.client(world.people.alice);
    world.now += 150 * 86_400_000;
    const { log, octets } = refused(message(alice, form), form);
    expect(log).toContain('CN=alice');
    expectNothingOf(alice, octets, false);
  });

  test.each(forms)('solution %s, %s: has nothing of who comes with a wrong time', async (solution, form) => {
    await world.restart({ solution });
    const alice = world.client(world.people.alice);
    const { octets } = refused(message(alice, form, { timestamp: world.time(-400_000) }), form);
    expectNothingOf(alice, octets, false);
  });

  test.each(['A', 'B'] as const)(
    'solution %s: has nothing of a known key whose signature fails',
    async (solution) => {
      await world.restart({ solution });
      const alice = world.client(world.people.alice);
      world.query(alice.context().opening());
      world.now += 1000;
      const context = alice.context();
      // In the name of the known one, without its credential.
      const [genuine, forger] = [alice.signer, world.client(world.people.bob).signer];
      Object.assign(alice, { signer: { ...forger, key: named(forger.key, genuine.key) } });
      const octets = context.opening({ isShown: false });
      Object.assign(alice, { signer: genuine });
      expectNothingOf(alice, refused(octets, 'opening').octets, false);
    },
  );

  /** A key that signs as one and says that it is another. */
  function named(signs: RecipientPrivateKey, says: RecipientPrivateKey): RecipientPrivateKey {
    return Object.create(signs, { public: { value: says.public } }) as RecipientPrivateKey;
  }
});
