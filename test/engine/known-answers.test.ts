// SPDX-License-Identifier: MPL-2.0

import { hex, vectors } from '../crypto/support/vectors';
import { timeOf, VectorEngine } from './support/vector-engine';

interface AuthenticateCase {
  readonly case: string;
  readonly solution: 'A' | 'B';
  readonly client: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
}

interface RefuseCase {
  readonly case: string;
  readonly server: string;
  readonly client: string;
  readonly server_identifier: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
}

const authenticate = vectors('protocol/authenticate.json') as { readonly cases: AuthenticateCase[] };
const refuse = vectors('protocol/refuse.json') as { readonly cases: RefuseCase[] };
const serverIdentifier = hex('0003000186734fd7564b');

test.each(authenticate.cases)('$case (solution $solution, $client)', async (vector) => {
  const { solution } = vector;
  const engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, policy: { solution } });
  engine.now = timeOf(vector.now);
  const verdict = await engine.receive(hex(vector.message));
  const accepted = solution === 'A' ? 'reply' : 'replace';
  expect(verdict).toMatchObject({ action: vector.accept ? accepted : 'drop' });
  if (verdict.action === 'drop') {
    expect(verdict.reason).not.toBe('internal-error');
  }
  await engine.close();
});

test.each(refuse.cases)('$case ($client to $server)', async (vector) => {
  const engine = new VectorEngine({
    server: vector.server,
    serverIdentifier: hex(vector.server_identifier),
  });
  engine.now = timeOf(vector.now);
  engine.remember(vector.client);
  const verdict = await engine.receive(hex(vector.message));
  expect(verdict).toMatchObject({ action: vector.accept ? 'replace' : 'drop' });
  if (verdict.action === 'drop') {
    expect(verdict.reason).not.toBe('internal-error');
  }
  // What was refused has opened no context: only a served query can be a replay.
  const again = await engine.receive(hex(vector.message));
  expect(again).toMatchObject({ action: 'drop' });
  expect(again.action === 'drop' && again.reason === 'replayed').toBe(vector.accept);
  await engine.close();
});
