// SPDX-License-Identifier: MPL-2.0

import { readFileSync, writeFileSync } from 'node:fs';
import { ServerPins } from '../../src/client';
import { decodeMessage, findOption, formatIpv6, MessageType, parseIpv6 } from '../../src/dhcpv6';
import { TestDirectory } from '../support/test-directory';
import {
  addresses,
  contextsOf,
  leasedAddress as address,
  plainTypes,
  setUp,
  types,
} from './support/client-set-up';
import { EngineServer } from './support/engine-server';

const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function server(...args: ConstructorParameters<typeof EngineServer>): EngineServer {
  const made = new EngineServer(...args);
  servers.push(made);
  return made;
}

const one = Buffer.from('00030001000000000001', 'hex');
const two = Buffer.from('00030001000000000002', 'hex');

test('solution A: Encrypted-Request, then Solicit and Request inside Encrypted-Queries (5.1)', async () => {
  const kea = server('server-P-256', one);
  const { client, link } = setUp({ answer: (octets, now) => kea.answer(octets, now) });
  const lease = await client.obtain();
  expect(addresses(lease)).toEqual([formatIpv6(parseIpv6(address))]);
  expect(lease.serverIdentifier).toBe(one.toString('hex'));
  expect(types(link)).toEqual([253, 251, 251]);
});

test('solution B: the signed Solicit, then Solicit and Request inside Encrypted-Queries (5.2)', async () => {
  const kea = server('server-P-256', one, { solution: 'B' });
  const { client, link } = setUp({ solution: 'B', answer: (octets, now) => kea.answer(octets, now) });
  expect(addresses(await client.obtain())).toHaveLength(1);
  expect(types(link)).toEqual([MessageType.Solicit, 251, 251]);
});

test('solution B with the certificate in the Solicit: its offer is taken by a Request inside an Encrypted-Query (5.2)', async () => {
  const kea = server('server-P-256', one, { solution: 'B' });
  const { client, link } = setUp({
    solution: 'B',
    options: { showsCredential: true },
    answer: (octets, now) => kea.answer(octets, now),
  });
  expect(addresses(await client.obtain())).toHaveLength(1);
  expect(types(link)).toEqual([MessageType.Solicit, 251]);
});

test('an unanswered query is sent again in a new context, and after two the client asks for the key (4.2, 5.1)', async () => {
  const kea = server('server-P-256', one);
  let queries = 0;
  const { client, link } = setUp({
    answer: async (octets, now) => {
      const isLost = octets[0] === 251 && (queries += 1) <= 2;
      return isLost ? [] : kea.answer(octets, now);
    },
  });
  expect(addresses(await client.obtain())).toHaveLength(1);
  expect(plainTypes(link)).toEqual([253, 251, 251, 253, 251, 251]);
  // The third goes wrapped, too, in a context of its own (5.3).
  const [first, second, third, wrapped, fourth] = contextsOf(link);
  expect(new Set([first, second, third, wrapped]).size).toBe(4);
  // The answered context stays in use.
  expect(fourth).toBe(third);
});

test('a retransmitted Encrypted-Request that shows the credential is built anew: new timestamp, same transaction (6)', async () => {
  const kea = server('server-P-256', one);
  const { client, link } = setUp({
    options: { showsCredential: true },
    answer: (octets, now, number) => (number === 0 ? Promise.resolve([]) : kea.answer(octets, now)),
  });
  await client.obtain();
  const [first, second] = link.sent.slice(0, 2).map((octets) => decodeMessage(octets));
  expect(second?.transactionId).toBe(first?.transactionId);
  const timestamp = (at: number): bigint =>
    findOption(decodeMessage(link.sent[at]!).options, 704)!.data.readBigUInt64BE();
  expect(timestamp(1)).toBeGreaterThan(timestamp(0));
});

test('a server that has nothing to give is followed by the next authenticated one (5)', async () => {
  const [empty, good] = [
    server('server-P-256', one, {}, { address: undefined }),
    server('server-P-384', two),
  ];
  const { client } = setUp({
    answer: async (octets, now) => [
      ...(await empty.answer(octets, now)),
      ...(await good.answer(octets, now)),
    ],
  });
  expect((await client.obtain()).serverIdentifier).toBe(two.toString('hex'));
});

test('a server that falls silent is followed by the next authenticated one (5)', async () => {
  const [silent, good] = [server('server-P-256', one), server('server-P-384', two)];
  const { client } = setUp({
    answer: async (octets, now) => [
      ...(octets[0] === 253 ? await silent.answer(octets, now) : []),
      ...(await good.answer(octets, now)),
    ],
  });
  expect((await client.obtain()).serverIdentifier).toBe(two.toString('hex'));
});

test('what is forged, broken or for somebody else does not end the wait', async () => {
  const kea = server('server-P-256', one);
  const { client, notices } = setUp({
    answer: async (octets, now) => {
      const [answer] = await kea.answer(octets, now);
      if (answer === undefined) {
        return [];
      }
      const [forged, other] = [Buffer.from(answer), Buffer.from(answer)];
      const signed = findOption(decodeMessage(forged).options, 703)?.data ?? forged;
      signed.writeUInt8(signed.readUInt8(signed.length - 1) ^ 1, signed.length - 1);
      other.writeUInt8(other.readUInt8(3) ^ 1, 3);
      return [Buffer.of(254), forged, other, answer];
    },
  });
  expect(addresses(await client.obtain())).toHaveLength(1);
  expect(notices).toContainEqual(
    expect.stringMatching(/server 00:03:00:01:00:00:00:00:00:01, certificate of [^:]+: .*signature/),
  );
});

test("a certificate without the configured name, and a client's certificate, are no server's", async () => {
  const kea = server('server-P-256', one);
  const named = setUp({ serverName: 'dhcp.example.net', answer: (octets, now) => kea.answer(octets, now) });
  await expect(named.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(named.notices[0]).toContain('dhcp.example.net');
  const impostor = server('client-P-256', one);
  const fooled = setUp({ answer: (octets, now) => impostor.answer(octets, now) });
  await expect(fooled.client.obtain()).rejects.toMatchObject({ code: 'no-server' });
});

test('no server: the client gives up when its patience ends', async () => {
  const { client, link } = setUp({ answer: () => Promise.resolve([]) });
  await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(link.sent.length).toBeGreaterThan(3);
});

test("two clocks that differ: the client tells both, and the server's report where it shows its credential (6, 7)", async () => {
  const kea = server('server-P-256', one, { reportFailures: true });
  // A client of ten minutes ago, as far as the server is concerned.
  const answer = (octets: Buffer, now: number): Promise<Buffer[]> => kea.answer(octets, now + 600_000);
  await expect(setUp({ answer }).client.obtain()).rejects.toMatchObject({
    code: 'no-server',
    message: expect.stringMatching(/it says 2026-01-01T00:1.*this system's clock 2026-01-01T00:0/),
  });
  await expect(setUp({ answer, options: { showsCredential: true } }).client.obtain()).rejects.toMatchObject({
    code: 'authentication-refused',
    message: expect.stringContaining('its clock says 2026-01-01T00:10'),
  });
});

describe.each(['A', 'B'] as const)('trust on first use, solution %s (RFC 7435)', (solution) => {
  const directory = TestDirectory.forAllTests();
  const file = directory.file('servers.json');

  test('the first key is kept, the same one is trusted again, another one is refused loudly', async () => {
    const kea = server('server-P-256', one, { solution });
    const first = setUp({
      solution,
      pins: ServerPins.open(file),
      answer: (octets, now) => kea.answer(octets, now),
    });
    expect(addresses(await first.client.obtain())).toHaveLength(1);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')) as object)).toEqual([one.toString('hex')]);

    const later = server('server-P-256', one, { solution });
    const again = setUp({
      solution,
      pins: ServerPins.open(file),
      answer: (octets, now) => later.answer(octets, now),
    });
    expect(addresses(await again.client.obtain())).toHaveLength(1);

    const other = server('server-P-384', one, { solution });
    const refused = setUp({
      solution,
      pins: ServerPins.open(file),
      answer: (octets, now) => other.answer(octets, now),
    });
    await expect(refused.client.obtain()).rejects.toMatchObject({ code: 'server-key-changed' });
    expect(refused.notices[0]).toContain('HAS CHANGED');
  });

  test('a client certificate is no server, not even at first', async () => {
    const impostor = server('client-P-256', two, { solution });
    const { client } = setUp({
      solution,
      pins: ServerPins.open(file),
      answer: (octets, now) => impostor.answer(octets, now),
    });
    await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  });

  test('a file that holds no pins is refused by name', () => {
    const broken = directory.file('broken.json');
    for (const text of ['{', '[1]', '{"00": "ff"}', 'null']) {
      writeFileSync(broken, text);
      expect(() => ServerPins.open(broken)).toThrow(/broken\.json/);
    }
  });
});
