// SPDX-License-Identifier: MPL-2.0

import { DhcpClient, type Lease } from '../../src/client';
import { deriveDuid, kemById, RecipientPrivateKey, setupBaseS, setupPskS } from '../../src/crypto';
import {
  decodeMessage,
  encodeMessage,
  findOption,
  IaAddressOption,
  IaNaOption,
  makeOption,
  MessageType,
  OptionCode,
  parseIpv6,
  readOption,
} from '../../src/dhcpv6';
import type { PacketPolicy } from '../../src/engine/settings/packet-policy';
import { TrustStore } from '../../src/pki';
import {
  defaultCodePoints,
  encodeEncryptedResponse,
  HpkeMode,
  KemId,
  responseInfo,
  SealingContext,
} from '../../src/protocol';
import { derOf, identityOf, trustAnchor, VectorEngine } from '../engine/support/vector-engine';
import { mutants } from '../integration/attacks/support/mutants';
import { envelopeOf } from './support/client-set-up';
import { ScriptedEnvironment, ScriptedLink } from './support/scripted-link';

const wall = Date.UTC(2026, 0, 1);
const honest = '2001:db8::77';
const stolen = '2001:db8:bad::1';
const duid = Buffer.from('00030001000000000001', 'hex');
const types = defaultCodePoints.messageTypes;

/** What Kea answers, with an address. */
function advertise(octets: Buffer, address: string, transactionId?: number): Buffer {
  const query = decodeMessage(octets);
  const client = findOption(query.options, OptionCode.ClientIdentifier);
  const iaid = readOption(query.options, IaNaOption)?.iaid ?? 5;
  const item = { address: parseIpv6(address), preferredLifetime: 100, validLifetime: 200, options: [] };
  return encodeMessage({
    msgType: query.msgType === MessageType.Solicit ? MessageType.Advertise : MessageType.Reply,
    transactionId: transactionId ?? query.transactionId,
    options: [
      ...(client === undefined ? [] : [client]),
      { code: OptionCode.ServerIdentifier, data: duid },
      makeOption(IaNaOption, { iaid, t1: 50, t2: 80, options: [makeOption(IaAddressOption, item)] }),
    ],
  });
}

const engines: VectorEngine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

/** A server of the real engine and a Kea that always gives the same address. */
function server(policy: Partial<PacketPolicy> = {}, name = 'server-P-256') {
  const engine = new VectorEngine({ server: name, serverIdentifier: duid, policy });
  engines.push(engine);
  return {
    engine,
    async answer(octets: Buffer, now: number, address = honest): Promise<Buffer[]> {
      engine.now = now;
      const verdict = await engine.receive(octets);
      if (verdict.action === 'drop') {
        return [];
      }
      if (verdict.action === 'reply') {
        return [verdict.octets];
      }
      const sealed = engine.handler.send(verdict.handle, advertise(verdict.octets, address));
      return sealed.action === 'replace' ? [sealed.octets] : [];
    },
  };
}

/** Of the engine. */
const COOKIE_LENGTH = 21;

type Answer = (octets: Buffer, now: number, number: number) => Promise<readonly Buffer[]>;

const own = identityOf('client-P-256');
const ownKey = RecipientPrivateKey.fromKeyObject(own.privateKey);

/** @param later seconds after the first client, with transaction-ids of its own */
function setUp(answer: Answer, solution: 'A' | 'B' = 'A', later = 0) {
  const link: ScriptedLink = new ScriptedLink((octets, number) =>
    answer(Buffer.from(octets), environment.now(), number),
  );
  const environment = new ScriptedEnvironment(wall + later * 1000, () => link.isQuiet);
  for (let transactions = 0; transactions < later; transactions += 1) {
    environment.transactionId();
  }
  const notices: string[] = [];
  const client = new DhcpClient({
    solution,
    signer: { key: ownKey, chain: own.chain.map((der) => Buffer.from(der)) },
    trust: {
      store: new TrustStore({ anchors: derOf(trustAnchor), intermediates: [], crls: [] }),
      pins: undefined,
      serverName: undefined,
    },
    leaseRequest: {
      clientIdentifier: deriveDuid(ownKey.public.spki),
      iaid: 5,
      address: true,
      prefix: false,
      rapidCommit: false,
      fqdn: undefined,
    },
    patience: 20_000,
    environment,
    transport: link,
    notice: (text) => {
      notices.push(text);
    },
  });
  return { client, link, notices };
}

function addresses(lease: Lease): string[] {
  return lease.addresses.flatMap(({ items }) => items.map((item) => item.address));
}

function typesOf(link: ScriptedLink): number[] {
  return link.sent.map((octets) => octets.readUInt8(0));
}

describe.each([
  ['an Encrypted-Reply', 'A', types['encrypted-request'], [253, 251, 251]],
  ['the signed Encrypted-Response of solution B', 'B', MessageType.Solicit, [1, 251, 251]],
  ['an Encrypted-Response', 'A', types['encrypted-query'], [253, 251, 251]],
] as const)('every mutant of %s', (_what, solution, msgType, sent) => {
  test('is ignored, and the message itself is taken after all of them', async () => {
    const kea = server({ solution });
    let all = 1;
    let ignored = 0;
    // A client keeps no more than 256 datagrams waiting, so each one gets some of the mutants of its own answer.
    for (let begin = 0; begin < all; begin += 200) {
      let isAltered = false;
      const { client, link, notices } = setUp(
        async (octets, now) => {
          const answers = await kea.answer(octets, now);
          if (octets[0] !== msgType || isAltered) {
            return answers;
          }
          isAltered = true;
          const variants = answers.flatMap((answer) => mutants(answer, [0x41]));
          all = variants.length;
          return [...variants.slice(begin, begin + 200), ...answers];
        },
        solution,
        10 + begin,
      );
      expect(addresses(await client.obtain())).toEqual([honest]);
      expect(typesOf(link)).toEqual(sent);
      ignored += notices.length;
    }
    expect(all).toBeGreaterThan(400);
    // What has another transaction-id belongs to somebody else: three octets. A Cookie is not signed, nor is its absence.
    expect(ignored).toBe(msgType === types['encrypted-query'] ? all - 3 : all - 3 - COOKIE_LENGTH - 1);
  });
});

test.each([
  ['a replayed Encrypted-Reply 10 s old is one of a key that still lives', 10, []],
  ['a replayed Encrypted-Reply 300 s old is ignored', 300, ['timestamp is refused: too-old']],
])('%s (6)', async (_, later, expected) => {
  const kea = server();
  const seen: Buffer[] = [];
  await setUp(async (octets, now) => {
    const answers = await kea.answer(octets, now);
    seen.push(...(octets[0] === 253 ? answers : []));
    return answers;
  }).client.obtain();
  const [captured] = seen;
  const { client, link, notices } = setUp(
    async (octets, now) => {
      const answers = await kea.answer(octets, now);
      if (octets[0] !== 253) {
        return answers;
      }
      const patched = Buffer.from(captured!);
      octets.copy(patched, 1, 1, 4);
      return [captured!, patched, ...answers, patched];
    },
    'A',
    later,
  );
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(notices).toHaveLength(2 * expected.length);
  for (const text of expected) {
    expect(new Set(notices)).toEqual(new Set([expect.stringContaining(text)]));
  }
  expect(typesOf(link)).toEqual([253, 251, 251]);
});

test('an Encrypted-Response that anybody can make is ignored: mode base, or a psk that is none', async () => {
  const kea = server();
  const { client, notices } = setUp(async (octets, now) => {
    if (octets[0] !== types['encrypted-query']) {
      return kea.answer(octets, now);
    }
    const transactionId = octets.readUIntBE(1, 3);
    const solicit = encodeMessage({
      msgType: MessageType.Solicit,
      transactionId,
      options: [{ code: OptionCode.ClientIdentifier, data: deriveDuid(ownKey.public.spki) }],
    });
    const inner = advertise(solicit, stolen);
    const kem = kemById(KemId.X25519);
    const suite = { kemId: kem.kemId, kdfId: kem.kdfId, aeadId: kem.aeadId };
    // The client's own Encryption Key is under the encryption: what is left is to guess.
    const recipient = kem.deriveKeyPair(Buffer.alloc(32, 1)).public;
    const info = responseInfo(ownKey.public.keyId, Buffer.alloc(32));
    const { contextIdentifier } = envelopeOf(octets);
    const base = setupBaseS(suite, recipient, info);
    const psk = setupPskS(suite, recipient, info, Buffer.alloc(32), contextIdentifier);
    const forged = [
      { ...base, mode: HpkeMode.Base },
      { ...base, mode: HpkeMode.Psk },
      { ...psk, mode: HpkeMode.Psk },
    ].map(({ enc, context, mode }) => {
      const sealing = new SealingContext({ mode, suite, contextIdentifier, enc, context });
      return encodeEncryptedResponse(defaultCodePoints, transactionId, (firstFour) =>
        sealing.seal(sealing.prepare(firstFour), inner),
      );
    });
    return [...forged, ...(await kea.answer(octets, now))];
  });
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(notices).toHaveLength(6);
  expect(notices.filter((text) => text.includes('HPKE mode 0'))).toHaveLength(2);
});

test('an Encrypted-Response of another context, of another query, or a second time, is ignored', async () => {
  const kea = server();
  const captured: Buffer[] = [];
  const first = setUp(async (octets, now) => {
    const answers = await kea.answer(octets, now, stolen);
    captured.push(...(octets[0] === types['encrypted-query'] ? answers : []));
    return answers;
  });
  expect(addresses(await first.client.obtain())).toEqual([stolen]);

  const earlier: Buffer[] = [];
  const { client, link, notices } = setUp(
    async (octets, now) => {
      const answers = await kea.answer(octets, now);
      if (octets[0] !== types['encrypted-query']) {
        return answers;
      }
      const retold = [...captured, ...earlier].map((octets2) => {
        const patched = Buffer.from(octets2);
        octets.copy(patched, 1, 1, 4);
        return patched;
      });
      const old = [...captured, ...earlier];
      earlier.push(...answers);
      return [...old, ...retold, ...answers, ...answers];
    },
    'A',
    10,
  );
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(typesOf(link)).toEqual([253, 251, 251]);
  // Two of the other client's, then these and the answer to the Solicit, each for this query; as they were they are for others.
  expect(notices).toHaveLength(2 + 3);
});

test("solution B: the answer to another client's Solicit, or to an earlier one, is none (5.2)", async () => {
  const kea = server({ solution: 'B' });
  const captured: Buffer[] = [];
  const answer: Answer = async (octets, now) => {
    const answers = await kea.answer(octets, now);
    const retold = captured.map((earlier) => {
      const patched = Buffer.from(earlier);
      octets.copy(patched, 1, 1, 4);
      return patched;
    });
    captured.push(...(octets[0] === MessageType.Solicit ? answers : []));
    return octets[0] === MessageType.Solicit ? [...retold, ...answers] : answers;
  };
  await setUp(answer, 'B').client.obtain();
  const { client, notices } = setUp(answer, 'B', 10);
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(notices).toEqual([expect.stringContaining("an answer to a Solicit that is not this client's")]);
});
