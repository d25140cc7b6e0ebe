// SPDX-License-Identifier: MPL-2.0

/** IdentityRefused (docs/protocol.md 8): a server takes the client's DUID for that of another client. */
import { deriveDuid } from '../../../src/crypto';
import { signerOf } from '../support/announcing-server';
import { addresses, plainTypes, setUp, type Setup } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

const duid = Buffer.from('00030001000000000001', 'hex');
const configured = Buffer.from('0003000102b3fffe1e83', 'hex');
const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

function start(solution: 'A' | 'B'): EngineServer {
  const server = new EngineServer('server-P-256', duid, { solution });
  servers.push(server);
  return server;
}

/** Another client gets the DUID from now on. */
async function takeDuid(server: EngineServer, solution: 'A' | 'B', now: number): Promise<void> {
  const other = setUp({
    solution,
    leaseRequest: { clientIdentifier: configured },
    answer: (octets) => server.answer(octets, now),
  });
  const signer = signerOf('client-P-384');
  await other.next({ signer, environment: other.environment }).obtain();
}

describe.each(['A', 'B'] as const)('solution %s', (solution) => {
  const answerOf =
    (server: EngineServer): Setup['answer'] =>
    (octets, now) =>
      server.answer(octets, now);

  test('the client begins anew with a Solicit under its derived DUID, and says so', async () => {
    const server = start(solution);
    await takeDuid(server, solution, Date.UTC(2026, 0, 1));
    const test = setUp({
      solution,
      leaseRequest: { clientIdentifier: configured },
      answer: answerOf(server),
    });
    const lease = await test.client.obtain();
    expect(addresses(lease)).toHaveLength(1);
    const derived = deriveDuid(test.options.signer.key.public.spki);
    expect(lease.clientIdentifier).toBe(derived.toString('hex'));
    expect(test.notices.join('\n')).toMatch(
      /takes this client's DUID for that of another client.*derived from its key/,
    );
    // Solicit, Solicit, Request, in one context.
    expect(plainTypes(test.link).slice(1)).toEqual([251, 251, 251]);
    // Not asked again, and the lease stays with the DUID that it was obtained with.
    const before = test.link.sent.length;
    expect((await test.next().renew(lease)).clientIdentifier).toBe(lease.clientIdentifier);
    expect((await test.next().obtain()).clientIdentifier).toBe(lease.clientIdentifier);
    expect(
      plainTypes(test.link)
        .slice(before)
        .filter((type) => type === 251),
    ).toHaveLength(3);
  });

  test('a Renew that is refused says so; the next Solicit is under the derived DUID', async () => {
    let server = start(solution);
    const test = setUp({
      solution,
      leaseRequest: { clientIdentifier: configured },
      answer: (octets, now) => server.answer(octets, now),
    });
    const lease = await test.client.obtain();
    expect(lease.clientIdentifier).toBe(configured.toString('hex'));
    server = start(solution);
    await takeDuid(server, solution, test.environment.now());
    await expect(test.next().renew(lease)).rejects.toMatchObject({ code: 'identity-refused' });
    const again = await test.next().obtain();
    expect(again.clientIdentifier).toBe(deriveDuid(test.options.signer.key.public.spki).toString('hex'));
  });

  test('a client that is refused its derived DUID has no other', async () => {
    const server = start(solution);
    const test = setUp({ solution, answer: answerOf(server) });
    const signer = { ...test.options.signer, chain: [] };
    const client = test.next({
      signer,
      leaseRequest: { ...test.options.leaseRequest, clientIdentifier: configured },
    });
    // Servers take no DUID from a bare key but the derived one.
    expect((await client.obtain()).clientIdentifier).toBe(deriveDuid(signer.key.public.spki).toString('hex'));
  });
});
