// SPDX-License-Identifier: MPL-2.0

import { DhcpClient, type Lease } from '../../src/client';
import {
  deriveDuid,
  keyIdentifier,
  RecipientPrivateKey,
  setupBaseS,
  setupPskS,
  suiteFor,
} from '../../src/crypto';
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
import { defaultCodePoints, encodeEncryptedResponse, HpkeMode, responseInfo } from '../../src/protocol';
import { derOf, identityOf, trustAnchor, VectorEngine } from '../engine/support/vector-engine';
import { mutants } from '../integration/attacks/support/mutants';
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
    privateSigner: undefined,
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
  ['the signed Encrypted-Response of solution B', 'B', MessageType.Solicit, [1, 251]],
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
    // While servers are sought, what has another transaction-id belongs to somebody else: three octets.
    expect(ignored).toBe(msgType === types['encrypted-query'] ? all : all - 3);
  });
});

test('a replayed Encrypted-Reply, with the transaction-id of the new request or its own, is ignored', async () => {
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
      return [captured!, patched, ...answers];
    },
    'A',
    10,
  );
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(notices).toEqual([expect.stringContaining('signature does not verify')]);
  expect(typesOf(link)).toEqual([253, 251, 251]);
});

test('a series of timestamps of a server that stands still or goes back is not taken up', async () => {
  const [kea, stale] = [server(), server()];
  let requests = 0;
  const { client, link, notices } = setUp(async (octets, now) => {
    requests += octets[0] === 253 ? 1 : 0;
    if (octets[0] === 253 && requests === 2) {
      return stale.answer(octets, now - 100_000);
    }
    const answers = await kea.answer(octets, now);
    // Of the first answer there are two copies: the second one is as old as the first.
    return octets[0] === 253 && requests === 1 ? [...answers, ...answers] : answers;
  });
  await client.obtain();
  expect(notices).toEqual([expect.stringContaining("the server's timestamp is refused: not-newer")]);
  expect(addresses(await client.obtain())).toEqual([honest]);
  expect(notices).toHaveLength(2);
  expect(notices[1]).toContain("the server's timestamp is refused: not-newer");
  expect(typesOf(link).filter((type) => type === 253)).toHaveLength(3);
});

test('an Encrypted-Response that anybody can make is ignored: mode base, or a psk that is none', async () => {
  const kea = server();
  const { client, notices } = setUp(async (octets, now) => {
    if (octets[0] !== types['encrypted-query']) {
      return kea.answer(octets, now);
    }
    const transactionId = octets.readUIntBE(1, 3);
    const suite = suiteFor(ownKey.public.keyType);
    const solicit = encodeMessage({
      msgType: MessageType.Solicit,
      transactionId,
      options: [{ code: OptionCode.ClientIdentifier, data: deriveDuid(ownKey.public.spki) }],
    });
    const inner = advertise(solicit, stolen);
    const base = setupBaseS(suite, ownKey.public, responseInfo);
    const psk = setupPskS(
      suite,
      ownKey.public,
      responseInfo,
      Buffer.alloc(32),
      keyIdentifier(Buffer.alloc(65)),
    );
    const common = { suite, recipientTag: undefined };
    const forged = [
      { ...common, ...base, mode: HpkeMode.Base },
      { ...common, ...base, mode: HpkeMode.Psk },
      { ...common, ...psk, mode: HpkeMode.Psk },
    ].map((sealing) => encodeEncryptedResponse(defaultCodePoints, sealing, transactionId, inner));
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
  // Two of the other client's, then these and the answer to the Solicit, each as it was and for this query.
  expect(notices).toHaveLength(2 * 2 + 2 * 3);
});
