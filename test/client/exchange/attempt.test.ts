// SPDX-License-Identifier: MPL-2.0

import { ClientError, type DhcpClient, type Lease } from '../../../src/client';
import { type Setup, setUp } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';

const limit = 10_000;
const identifier = Buffer.from('00030001000000000001', 'hex');

/** What is under encryption does not get through, in one direction or the other; all else does. */
async function behindOneWayRelay(
  solution: 'A' | 'B',
  direction: 'to' | 'from',
  exchange: (client: DhcpClient, lease: Lease) => Promise<unknown>,
): Promise<{ readonly milliseconds: number; readonly outcome: unknown }> {
  const kea = new EngineServer('server-P-256', identifier, { solution });
  let isOneWay = false;
  const answer: Setup['answer'] = async (octets, now) => {
    const isLost = isOneWay && octets[0] === 251;
    const answers = isLost && direction === 'to' ? [] : await kea.answer(octets, now);
    return isLost ? [] : answers;
  };
  try {
    const { client, environment } = setUp({ solution, attemptLimit: limit, patience: limit, answer });
    const lease = await client.obtain();
    isOneWay = true;
    const began = environment.monotonic();
    const outcome = await exchange(client, lease).catch((error: unknown) =>
      error instanceof ClientError ? error.code : error,
    );
    return { milliseconds: environment.monotonic() - began, outcome };
  } finally {
    await kea.engine.close();
  }
}

describe.each(['A', 'B'] as const)(
  'an exchange of solution %s that is to take 10 s takes no more',
  (solution) => {
    it.each([
      ['obtain', 'no-usable-configuration', (client: DhcpClient) => client.obtain()],
      ['renew', 'no-answer', (client: DhcpClient, lease: Lease) => client.renew(lease)],
      ['rebind', 'no-usable-configuration', (client: DhcpClient, lease: Lease) => client.rebind(lease)],
      ['confirm', 'no-answer', (client: DhcpClient, lease: Lease) => client.confirm(lease)],
      ['release', false, (client: DhcpClient, lease: Lease) => client.release(lease)],
      ['decline', false, (client: DhcpClient, lease: Lease) => client.decline(lease)],
      ['information-request', 'no-usable-configuration', (client: DhcpClient) => client.informationRequest()],
    ] as const)('%s', async (_, outcome, exchange) => {
      for (const direction of ['to', 'from'] as const) {
        const ended = await behindOneWayRelay(solution, direction, exchange);
        expect(ended.outcome).toBe(outcome);
        expect(ended.milliseconds).toBeLessThanOrEqual(limit);
        // It has not given up before either.
        expect(ended.milliseconds).toBeGreaterThan(limit / 2);
      }
    });
  },
);

it('that continues in clear may take the same time again', async () => {
  const { client, environment, announced } = setUp({
    opportunistic: true,
    attemptLimit: limit,
    patience: limit,
    answer: () => Promise.resolve([]),
  });
  await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(announced).toHaveLength(1);
  expect(environment.monotonic()).toBeLessThanOrEqual(2 * limit);
});

it('without a bound takes as long as RFC 8415 section 7.6 lets it', async () => {
  const { client, environment } = setUp({ answer: () => Promise.resolve([]), patience: 60_000 });
  await expect(client.obtain()).rejects.toMatchObject({ code: 'no-server' });
  expect(environment.monotonic()).toBe(60_000);
});
