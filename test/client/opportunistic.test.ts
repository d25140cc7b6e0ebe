// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { type Lease, ServerPins } from '../../src/client';
import { decodeMessage, encodeMessage, findOption, MessageType, OptionCode } from '../../src/dhcpv6';
import type { PacketPolicy } from '../../src/engine/settings/packet-policy';
import { TestDirectory } from '../support/test-directory';
import { announce, signerOf } from './support/announcing-server';
import {
  addresses,
  clearDuid,
  clearIaid,
  type ClientUnderTest,
  leasedAddress,
  secretIaid,
  setUp,
  types,
  type Setup,
} from './support/client-set-up';
import { EngineServer } from './support/engine-server';
import { type Gives, PlainKea } from './support/plain-kea';

const { Solicit, Request, Renew, Rebind, Release, Decline, Confirm, InformationRequest } = MessageType;
const clearTypes: readonly number[] = [
  Solicit,
  Request,
  Renew,
  Rebind,
  Release,
  Decline,
  Confirm,
  InformationRequest,
];

const one = Buffer.from('00030001000000000001', 'hex');
const two = Buffer.from('00030001000000000002', 'hex');

const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function engineServer(name: string, policy: Partial<PacketPolicy> = {}, gives?: Gives): EngineServer {
  const made = new EngineServer(name, one, policy, gives);
  servers.push(made);
  return made;
}

/** Whether a message is one of plain RFC 8415: it names its client, or asks for information only. */
function isClear(octets: Buffer): boolean {
  const { msgType, options } = decodeMessage(octets);
  const names = findOption(options, OptionCode.ClientIdentifier) !== undefined;
  return clearTypes.includes(msgType) && (names || msgType === InformationRequest);
}

/** Servers without encryption, the first to answer first. */
function plain(...gives: (Gives | [Buffer, Gives])[]): Setup['answer'] {
  const keas = gives.map((one_) => (Array.isArray(one_) ? new PlainKea(...one_) : new PlainKea(one, one_)));
  return (octets) => Promise.resolve(isClear(octets) ? keas.map((kea) => kea.answer(octets)) : []);
}

function clearSent({ link }: ClientUnderTest): Buffer[] {
  return link.sent.filter(isClear);
}

async function clearLease(): Promise<Lease> {
  return setUp({ opportunistic: true, answer: plain({ address: leasedAddress }) }).client.obtain();
}

describe.each(['A', 'B'] as const)('solution %s, no server that encrypts', (solution) => {
  const directory = TestDirectory.forAllTests();

  test('without the option nothing is sent in clear, and nothing that identifies the client', async () => {
    const run = setUp({ solution, answer: plain({ address: leasedAddress }) });
    await expect(run.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
    expect(clearSent(run)).toEqual([]);
    expect(run.link.sent.filter((octets) => octets.includes(run.secretDuid))).toEqual([]);
  });

  test('with it: Solicit and Request in clear, after the whole patience, announced once', async () => {
    const run = setUp({ solution, opportunistic: true, answer: plain({ address: leasedAddress }) });
    const lease = await run.client.obtain();
    expect(lease).toMatchObject({
      encrypted: false,
      clientIdentifier: clearDuid.toString('hex'),
      serverIdentifier: one.toString('hex'),
      serverKey: '',
    });
    expect(addresses(lease)).toEqual([leasedAddress]);
    expect(run.announced).toEqual(['no server authenticated itself']);
    expect(clearSent(run).map((octets) => octets[0])).toEqual([Solicit, Request]);
    // The secure attempts came before, as many as without the option.
    const without = setUp({ solution, answer: () => Promise.resolve([]) });
    await expect(without.client.obtain()).rejects.toThrow();
    expect(types(run.link).slice(0, -2)).toEqual(types(without.link));
  });

  test('what is used under encryption is not shown, and the other way round', async () => {
    const run = setUp({ solution, opportunistic: true, answer: plain({ address: leasedAddress }) });
    await run.client.obtain();
    const iaid = (value: number): Buffer => {
      const octets = Buffer.alloc(4);
      octets.writeUInt32BE(value);
      return octets;
    };
    const clear = clearSent(run);
    const encrypted = run.link.sent.filter((octets) => !isClear(octets));
    for (const secret of [run.secretDuid, iaid(secretIaid)]) {
      expect(clear.filter((octets) => octets.includes(secret))).toEqual([]);
    }
    for (const shown of [clearDuid, iaid(clearIaid)]) {
      expect(encrypted.filter((octets) => octets.includes(shown))).toEqual([]);
      expect(clear.every((octets) => octets.includes(shown))).toBe(true);
    }
    const ids = (sent: readonly Buffer[]): number[] =>
      sent.map((octets) => decodeMessage(octets).transactionId);
    expect(ids(encrypted).filter((id) => ids(clear).includes(id))).toEqual([]);
  });

  test('a server that authenticates itself: the option changes nothing', async () => {
    const kea = engineServer('server-P-256', { solution });
    const run = setUp({ solution, opportunistic: true, answer: (octets, now) => kea.answer(octets, now) });
    expect(await run.client.obtain()).toMatchObject({ encrypted: true });
    expect(clearSent(run)).toEqual([]);
    expect(run.announced).toEqual([]);
  });

  test('an authenticated server that gives nothing is not passed over', async () => {
    const kea = engineServer('server-P-256', { solution }, { address: undefined });
    const both = plain({ address: leasedAddress });
    const run = setUp({
      solution,
      opportunistic: true,
      answer: async (octets, now, number) => [
        ...(await kea.answer(Buffer.from(octets), now)),
        ...(await both(octets, now, number, 'plain')),
      ],
    });
    await expect(run.client.obtain()).rejects.toMatchObject({ code: 'no-usable-configuration' });
    expect(clearSent(run)).toEqual([]);
  });

  test.each([
    ['a certificate that is no server’s', 'client-P-256', undefined, /ignored|refused/],
    ['another name', 'server-P-256', 'other.example.net', /other\.example\.net/],
  ])('%s does not keep it from continuing in clear, and is announced', async (_, name, serverName, words) => {
    const kea = engineServer(name, { solution });
    const clear = plain({ address: leasedAddress });
    const run = setUp({
      solution,
      opportunistic: true,
      ...(serverName !== undefined && { serverName }),
      answer: async (octets, now, number) =>
        isClear(octets) ? clear(octets, now, number, 'plain') : kea.answer(octets, now),
    });
    expect(await run.client.obtain()).toMatchObject({ encrypted: false });
    expect(run.announced).toEqual([expect.stringMatching(words)]);
  });

  test('nor does an authenticated server that reports that it refuses this client', async () => {
    const kea = engineServer('server-P-256', { solution, reportFailures: true });
    const clear = plain({ address: leasedAddress });
    const run = setUp({
      solution,
      opportunistic: true,
      // The server's clock is set between its announcement and the query.
      answer: async (octets, now, number) =>
        isClear(octets)
          ? clear(octets, now, number, 'plain')
          : kea.answer(octets, now + (octets[0] === 251 ? 600_000 : 0)),
    });
    expect(await run.client.obtain()).toMatchObject({ encrypted: false });
    expect(run.announced).toEqual([expect.stringContaining('refuses our timestamp')]);
  });

  test('a changed key always does, loudly', async () => {
    const pins = ServerPins.open(directory.file('pins.json'));
    const known = engineServer('server-P-256', { solution });
    const first = setUp({ solution, pins, answer: (octets, now) => known.answer(octets, now) });
    await first.client.obtain();

    const impostor = engineServer('server-P-384', { solution });
    const clear = plain({ address: leasedAddress });
    const run = setUp({
      solution,
      pins,
      opportunistic: true,
      answer: async (octets, now, number) =>
        isClear(octets) ? clear(octets, now, number, 'plain') : impostor.answer(octets, now),
    });
    for (const exchange of ['obtain', 'informationRequest'] as const) {
      await expect(run.client[exchange]()).rejects.toMatchObject({
        code: 'server-key-changed',
        message: expect.stringContaining('HAS CHANGED'),
      });
    }
    await expect(run.client.renew(await clearLease())).rejects.toMatchObject({
      code: 'server-key-changed',
    });
    expect(clearSent(run)).toEqual([]);
    expect(run.announced).toEqual([]);
  });
});

describe('a changed key in an answer that is no authentication', () => {
  const file = TestDirectory.forAllTests().file('pins.json');

  beforeAll(async () => {
    const known = engineServer('server-P-256');
    const pins = ServerPins.open(file);
    await setUp({ pins, answer: (octets, now) => known.answer(octets, now) }).client.obtain();
  });

  test.each([
    ['the report of a failure', 'server-P-384', one, undefined, 706, 'server-key-changed'],
    ['another name', 'server-P-384', one, 'other.example.net', undefined, 'server-key-changed'],
    ["a certificate that is no server's", 'client-P-256', one, undefined, undefined, 'server-key-changed'],
    ['the same key with another name', 'server-P-256', one, 'other.example.net', undefined, 'in clear'],
    ["another server's report", 'server-P-384', two, undefined, 706, 'in clear'],
  ])('%s', async (_, name, identifier, serverName, status, outcome) => {
    const signer = signerOf(name);
    const clear = plain({ address: leasedAddress });
    const run = setUp({
      pins: ServerPins.open(file),
      opportunistic: true,
      ...(serverName !== undefined && { serverName }),
      answer: async (octets, now, number) => {
        if (isClear(octets)) {
          return clear(octets, now, number, 'plain');
        }
        const report = status === undefined ? {} : { status: { code: status, message: '' } };
        return [announce(octets, now, { signer, identifier, ...report })];
      },
      options: { showsCredential: true },
    });
    if (outcome === 'in clear') {
      expect(await run.client.obtain()).toMatchObject({ encrypted: false });
    } else {
      await expect(run.client.obtain()).rejects.toMatchObject({ code: outcome });
      expect(clearSent(run)).toEqual([]);
    }
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual([one.toString('hex')]);
  });
});

describe('a lease in clear', () => {
  test.each([
    ['renew', [Renew]],
    ['rebind', [Rebind]],
  ] as const)('%s: with the option, where no server authenticates itself', async (exchange, sent) => {
    const lease = await clearLease();
    const run = setUp({ opportunistic: true, answer: plain({ address: leasedAddress }) });
    expect(await run.client[exchange](lease)).toMatchObject({ encrypted: false, addresses: lease.addresses });
    expect(clearSent(run).map((octets) => octets[0])).toEqual(sent);
    expect(run.announced).toHaveLength(1);
  });

  test.each(['release', 'decline'] as const)('%s: with the option, at once', async (exchange) => {
    const run = setUp({ opportunistic: true, answer: plain({ address: leasedAddress }) });
    expect(await run.client[exchange](await clearLease())).toBe(true);
    expect(types(run.link)).toEqual([exchange === 'release' ? Release : Decline]);
    expect(run.announced).toEqual(['the lease was obtained in clear']);
  });

  test('confirm: with the option', async () => {
    const run = setUp({ opportunistic: true, answer: plain({ address: leasedAddress }) });
    expect(await run.client.confirm(await clearLease())).toBe(true);
    expect(clearSent(run).map((octets) => octets[0])).toEqual([Confirm]);
  });

  test.each(['renew', 'rebind', 'confirm', 'release', 'decline'] as const)(
    '%s: refused without the option, and nothing is sent',
    async (exchange) => {
      const run = setUp({ answer: plain({ address: leasedAddress }) });
      await expect(run.client[exchange](await clearLease())).rejects.toMatchObject({
        code: 'cleartext-lease',
        message: expect.stringContaining('--opportunistic'),
      });
      expect(run.link.sent).toEqual([]);
    },
  );

  test.each(['renew', 'rebind', 'confirm'] as const)(
    '%s: refused where a server authenticates itself, which never sees the DUID in clear',
    async (exchange) => {
      const kea = engineServer('server-P-256');
      const run = setUp({ opportunistic: true, answer: (octets, now) => kea.answer(octets, now) });
      await expect(run.client[exchange](await clearLease())).rejects.toMatchObject({
        code: 'encryption-available',
      });
      expect(clearSent(run)).toEqual([]);
      expect(run.announced).toEqual([]);
    },
  );
});

describe.each(['A', 'B'] as const)('a lease obtained encrypted, solution %s', (solution) => {
  test.each(['renew', 'rebind', 'confirm', 'release', 'decline'] as const)(
    '%s: never in clear, not even with the option',
    async (exchange) => {
      const kea = engineServer('server-P-256', { solution });
      const first = setUp({ solution, answer: (octets, now) => kea.answer(octets, now) });
      const lease = await first.client.obtain();
      const run = setUp({ solution, opportunistic: true, answer: plain({ address: leasedAddress }) });
      // In solution B a lease's server is known by its key, so that a Release may end unanswered.
      const outcome = await run.client[exchange](lease).catch((error: unknown) => error);
      if (outcome !== false) {
        expect(outcome).toMatchObject({
          code: expect.stringMatching(/^no-(?:server|answer)$/),
          message: expect.stringContaining('nothing about it is sent in clear'),
        });
      }
      expect(clearSent(run)).toEqual([]);
      expect(run.announced).toEqual([]);
    },
  );
});

describe('plain RFC 8415', () => {
  function run(answer: Setup['answer'], leaseRequest: Setup['leaseRequest'] = {}): ClientUnderTest {
    return setUp({ opportunistic: true, answer, leaseRequest });
  }

  test.each([
    ['the higher preference', 1, 200, two],
    ['of equal ones the first', 5, 5, one],
    ['the highest at once', 255, 255, one],
  ])('Advertises are collected, and %s is chosen (section 18.2.9)', async (_, first, second, chosen) => {
    const answer = plain(
      [one, { address: '2001:db8::1', preference: first }],
      [two, { address: '2001:db8::2', preference: second }],
    );
    expect((await run(answer).client.obtain()).serverIdentifier).toBe(chosen.toString('hex'));
  });

  test('a server without an address is passed over, and reported if it is the only one', async () => {
    const both = plain([one, { address: undefined, preference: 255 }], [two, { address: leasedAddress }]);
    expect((await run(both).client.obtain()).serverIdentifier).toBe(two.toString('hex'));
    await expect(run(plain({ address: undefined })).client.obtain()).rejects.toMatchObject({
      code: 'no-usable-configuration',
    });
  });

  test.each([
    [60, 60],
    [59, 3600],
    [86_401, 3600],
  ])(
    'SOL_MAX_RT %d of a server without an address: at most %d s and a tenth (21.24)',
    async (asked, longest) => {
      const answer = plain({ address: undefined, solMaxRt: asked });
      const client = setUp({ opportunistic: true, answer, patience: 10_000_000 });
      await expect(client.client.obtain()).rejects.toMatchObject({ code: 'no-usable-configuration' });
      const elapsed = clearSent(client).map((octets) => {
        const data = findOption(decodeMessage(octets).options, OptionCode.ElapsedTime)?.data;
        return (data?.readUInt16BE() ?? 0) / 100;
      });
      // Elapsed Time ends at 655 s.
      const waits = elapsed.filter((time) => time < 655).map((time, i, all) => time - (all[i - 1] ?? 0));
      expect(Math.max(...waits)).toBeGreaterThan(longest === 60 ? 50 : 120);
      expect(Math.max(...waits)).toBeLessThanOrEqual(longest * 1.1);
    },
  );

  test('a server that is silent after its Advertise is followed by the next, after REQ_MAX_RC tries', async () => {
    const both = plain([one, { address: '2001:db8::1', preference: 9 }], [two, { address: '2001:db8::2' }]);
    const client = run(async (octets, now, number) =>
      octets[0] === Request && octets.includes(one) ? [] : both(octets, now, number, 'plain'),
    );
    expect((await client.client.obtain()).serverIdentifier).toBe(two.toString('hex'));
    expect(clearSent(client).filter((octets) => octets[0] === Request)).toHaveLength(11);
  });

  test('with rapid commit, in two messages where the server does it, in four where not', async () => {
    const rapid = run(plain({ address: leasedAddress, rapidCommit: true }), { rapidCommit: true });
    expect(addresses(await rapid.client.obtain())).toEqual([leasedAddress]);
    expect(clearSent(rapid).map((octets) => octets[0])).toEqual([Solicit]);
    const slow = run(plain({ address: leasedAddress }), { rapidCommit: true });
    expect(addresses(await slow.client.obtain())).toEqual([leasedAddress]);
    expect(clearSent(slow).map((octets) => octets[0])).toEqual([Solicit, Request]);
  });

  test('the highest preference ends the wait for others (section 18.2.1)', async () => {
    const obtained = async (preference: number): Promise<number> =>
      (await run(plain({ address: leasedAddress, preference })).client.obtain()).obtained;
    expect(await obtained(255)).toBeLessThanOrEqual((await obtained(254)) - 1000);
  });

  test('an Information-request has no Client Identifier', async () => {
    const client = run(plain({ address: leasedAddress }));
    expect(await client.client.informationRequest()).toMatchObject({ encrypted: false, addresses: [] });
    const [request] = clearSent(client);
    expect(request?.[0]).toBe(InformationRequest);
    expect(request?.includes(clearDuid)).toBe(false);
  });

  test('lost answers: the Solicit again, with the same transaction-id and a later elapsed time', async () => {
    const answer = plain({ address: leasedAddress });
    let solicits = 0;
    const client = run(async (octets, now, number) =>
      isClear(octets) && (solicits += 1) <= 2 ? [] : answer(octets, now, number, 'plain'),
    );
    await client.client.obtain();
    const sent = clearSent(client)
      .slice(0, 3)
      .map((octets) => decodeMessage(octets));
    expect(sent.map(({ msgType }) => msgType)).toEqual([Solicit, Solicit, Solicit]);
    expect(new Set(sent.map(({ transactionId }) => transactionId)).size).toBe(1);
    const elapsed = sent.map(
      ({ options }) => findOption(options, OptionCode.ElapsedTime)?.data.readUInt16BE() ?? -1,
    );
    expect(elapsed[0]).toBe(0);
    expect(elapsed).toEqual([...new Set(elapsed)].sort((a, b) => a - b));
  });

  test('what is for another client, transaction or server, or broken, is no answer', async () => {
    const good = new PlainKea(one, { address: leasedAddress });
    // Taken for an offer it would be chosen at once.
    const bad = new PlainKea(two, { address: '2001:db8::bad', preference: 255 });
    const client = run((octets) => {
      if (!isClear(octets)) {
        return Promise.resolve([]);
      }
      const wrong = decodeMessage(bad.answer(octets));
      const without = (code: number): typeof wrong.options =>
        wrong.options.filter((option) => option.code !== code);
      const named = (code: number, data: Buffer): Buffer =>
        encodeMessage({ ...wrong, options: [...without(code), { code, data }] });
      return Promise.resolve([
        Buffer.of(7),
        encodeMessage({ ...wrong, transactionId: wrong.transactionId ^ 1 }),
        named(OptionCode.ClientIdentifier, two),
        encodeMessage({ ...wrong, options: without(OptionCode.ClientIdentifier) }),
        encodeMessage({ ...wrong, options: without(OptionCode.ServerIdentifier) }),
        named(OptionCode.IaNa, Buffer.from('00000001', 'hex')),
        encodeMessage({ ...wrong, msgType: MessageType.Reconfigure }),
        // To a Request only the server that was asked may answer.
        ...(octets[0] === Request ? [named(OptionCode.ServerIdentifier, two)] : []),
        good.answer(octets),
      ]);
    });
    expect(addresses(await client.client.obtain())).toEqual([leasedAddress]);
  });

  test('no server at all', async () => {
    const client = run(() => Promise.resolve([]));
    await expect(client.client.obtain()).rejects.toMatchObject({
      code: 'no-server',
      message: 'no server authenticated itself, and none answered in clear',
    });
    await expect(client.client.informationRequest()).rejects.toMatchObject({ code: 'no-answer' });
  });
});
