// SPDX-License-Identifier: MPL-2.0

/** When the client's credential goes under the encryption, and what goes in clear (docs/protocol.md 3, 4.2, 5.1, 5.2). */
import { deriveDuid } from '../../../src/crypto';
import {
  decodeMessage,
  findOption,
  IaNaOption,
  MessageType,
  OptionCode,
  readOption,
} from '../../../src/dhcpv6';
import { identityOf } from '../../engine/support/vector-engine';
import { addresses, plainTypes, secretIaid, setUp, type Setup } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

const duid = Buffer.from('00030001000000000001', 'hex');
const servers: EngineServer[] = [];
const [certificate] = identityOf('client-P-256').chain.map((der) => Buffer.from(der));

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function start(solution: 'A' | 'B', mode: 'optional' | 'authenticated' = 'optional'): EngineServer {
  const server = new EngineServer('server-P-256', duid, { solution, reportFailures: true }, undefined, mode);
  servers.push(server);
  return server;
}

/** Octets of a query that has the certificate inside. */
const withCertificate = (octets: Buffer): boolean => octets.length > (certificate?.length ?? 0) + 200;

function run(solution: 'A' | 'B', more: Partial<Setup> = {}, mode?: 'authenticated') {
  const server = start(solution, mode);
  return setUp({ solution, answer: (octets, now) => server.answer(octets, now), ...more });
}

describe.each(['A', 'B'] as const)('solution %s, by default', (solution) => {
  test.each([undefined, 'authenticated'] as const)(
    'nothing that identifies the client is in clear; the opening query has the certificate inside (mode %s)',
    async (mode) => {
      const { client, link, secretDuid } = run(solution, {}, mode);
      expect(addresses(await client.obtain())).toHaveLength(1);
      for (const octets of link.sent) {
        expect(octets.includes(secretDuid.subarray(4))).toBe(false);
        expect(octets.includes(certificate!.subarray(-64))).toBe(false);
      }
      const queries = link.sent.filter(([type]) => type === 251);
      expect(queries.map(withCertificate)).toEqual([true, false]);
    },
  );

  test('a client without a certificate has its bare key inside, and its derived DUID', async () => {
    const { privateKey } = identityOf('client-P-256');
    const test = run(solution);
    const bare = { ...test.options.signer, chain: [] };
    const lease = await test.next({ signer: bare }).obtain();
    expect(bare.key.privateKey.export({ format: 'jwk' })).toEqual(privateKey.export({ format: 'jwk' }));
    expect(lease.clientIdentifier).toBe(deriveDuid(bare.key.public.spki).toString('hex'));
  });
});

test('A: an Encrypted-Request has a KEM List and Padding, and nothing more', async () => {
  const { client, link } = run('A');
  await client.obtain();
  expect(decodeMessage(link.sent[0]!).options.map(({ code }) => code)).toEqual([709, 711]);
  expect(link.sent[0]).toHaveLength(640);
});

test('B: the Solicit has a fresh bare key, a fresh Encryption Key and a random IAID each time, and no Rapid Commit', async () => {
  const test = run('B', { leaseRequest: { rapidCommit: true, moreOptions: [56] } });
  await test.client.obtain();
  await test.next().obtain();
  const solicits = test.link.sent
    .filter(([type]) => type === MessageType.Solicit)
    .map((octets) => decodeMessage(octets));
  expect(solicits).toHaveLength(2);
  for (const { options } of solicits) {
    expect(findOption(options, OptionCode.ClientIdentifier)).toBeUndefined();
    expect(findOption(options, OptionCode.RapidCommit)).toBeUndefined();
    expect(findOption(options, OptionCode.OptionRequest)?.data.toString('hex')).toBe('0017001800520053');
  }
  for (const code of [701, 707]) {
    const [first, second] = solicits.map(({ options }) => findOption(options, code)?.data.toString('hex'));
    expect(first).toBeDefined();
    expect(second).not.toBe(first);
  }
  const iaids = solicits.map(({ options }) => readOption(options, IaNaOption)?.iaid);
  expect(iaids).not.toContain(secretIaid);
  expect(new Set(iaids).size).toBe(2);
});

describe.each(['A', 'B'] as const)('solution %s, with --public-certificate', (solution) => {
  const shows = { options: { showsCredential: true } };

  test('shown and answered in this exchange: not inside its first query', async () => {
    const { client, link } = run(solution, shows);
    expect(addresses(await client.obtain())).toHaveLength(1);
    expect(link.sent[0]!.includes(certificate!)).toBe(true);
    expect(link.sent.filter(([type]) => type === 251).map(withCertificate)).toEqual(
      solution === 'A' ? [false, false] : [false],
    );
  });

  test('every query of the exchange but its first has it inside', async () => {
    const server = start(solution);
    let queries = 0;
    const { client, link } = setUp({
      solution,
      ...shows,
      answer: (octets, now) =>
        octets[0] === 251 && (queries += 1) === 1 ? Promise.resolve([]) : server.answer(octets, now),
    });
    await client.obtain();
    const opening = link.sent.filter(([type]) => type === 251).map(withCertificate);
    expect(opening.slice(0, 2)).toEqual([false, true]);
  });

  test('in another exchange it is inside again', async () => {
    const test = run(solution, shows);
    const lease = await test.client.obtain();
    const before = test.link.sent.length;
    const { transport, signer, trust } = test.options;
    test.options.contexts!.memoryOf({ transport, signer, trust }).find(duid.toString('hex'))!.erase();
    await test.next().renew(lease);
    expect(test.link.sent.slice(before).map((octets) => octets[0])).toEqual([251]);
    expect(test.link.sent.slice(before).map(withCertificate)).toEqual([true]);
  });
});

test('B with --public-certificate and Rapid Commit: one Solicit and its Reply', async () => {
  const server = new EngineServer(
    'server-P-256',
    duid,
    { solution: 'B' },
    { address: '2001:db8::5', rapidCommit: true },
  );
  servers.push(server);
  const { client, link, secretDuid } = setUp({
    solution: 'B',
    options: { showsCredential: true },
    leaseRequest: { rapidCommit: true, clientIdentifier: Buffer.from('0003000102b3fffe1e83', 'hex') },
    answer: (octets, now) => server.answer(octets, now),
  });
  const lease = await client.obtain();
  expect(addresses(lease)).toEqual(['2001:db8::5']);
  expect(plainTypes(link)).toEqual([MessageType.Solicit]);
  // It is for the derived DUID, whatever the client has configured (5.2).
  expect(lease.clientIdentifier).toBe(secretDuid.toString('hex'));
});
