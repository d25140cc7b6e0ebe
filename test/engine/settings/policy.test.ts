// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { combineParameters, type Policy, problemText } from '../../../src/engine/settings';

const policy = (parameters: unknown): Policy => ({ path: ['/etc/engine.conf'], parameters });

function combined(own: unknown, kea: unknown): { readonly parameters: unknown; readonly problems: string[] } {
  const { parameters, problems } = combineParameters(policy(own), kea);
  return { parameters, problems: problems.map(problemText) };
}

const keaSide = [
  'solution',
  'mode',
  'host-identifier',
  'engine',
  'message-types',
  'option-codes',
  'status-codes',
];
const json = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('__proto__', 'toString', 'kems'), fc.jsonValue()),
);

describe('parameters of an engine and of Kea', () => {
  test('come together where only one of them has something', () => {
    const own = { certificate: '/c', engine: { workers: 2 } };
    const kea = { mode: 'off', engine: { timeout: 5, socket: '/s' } };
    expect(combined(own, kea)).toEqual({
      parameters: { certificate: '/c', mode: 'off', engine: { workers: 2, timeout: 5, socket: '/s' } },
      problems: [],
    });
  });

  test('are refused where they differ, each with both places', () => {
    const own = { solution: 'A', crls: ['/a', '/b'], timestamp: { delta: 1, fuzz: 2 } };
    const kea = { solution: 'B', crls: ['/a'], timestamp: { delta: 1, fuzz: 3 } };
    const { parameters, problems } = combined(own, kea);
    expect(problems.map((text) => text.split(': make')[0])).toEqual([
      'parameters.solution: differs from "/etc/engine.conf".solution',
      'parameters.crls: differs from "/etc/engine.conf".crls',
      'parameters.timestamp.fuzz: differs from "/etc/engine.conf".timestamp.fuzz',
    ]);
    expect(parameters).toEqual(own);
  });

  test('that are the engine’s own come from it alone; what nobody knows is left to be told as that', () => {
    const kea = { 'draft-literal': true, 'encryption-keys': { lifetime: 4000 }, 'trust-anchor': [] };
    const { parameters, problems } = combined({ 'encryption-keys': { kems: ['x25519'] } }, kea);
    expect(problems.map((text) => text.split(':')[0])).toEqual([
      'parameters.draft-literal',
      'parameters.encryption-keys.lifetime',
    ]);
    expect(parameters).toHaveProperty('trust-anchor', []);
  });

  test('whatever they are, a policy’s own value is never replaced, nor one of its own let in', () => {
    const names = fc.constantFrom(...keaSide, 'trust-anchors', 'encryption-keys', 'metrics', '__proto__');
    const map = fc.dictionary(names, json);
    fc.assert(
      fc.property(map, map, (own, kea) => {
        const { parameters, problems } = combined(own, kea);
        for (const [name, value] of Object.entries(parameters as object)) {
          const isOwn = Object.hasOwn(own, name);
          if (isOwn && problems.length === 0 && (typeof value !== 'object' || Array.isArray(value))) {
            expect(value).toEqual(own[name]);
          }
          if (!isOwn && problems.length === 0 && name !== '__proto__') {
            expect(keaSide).toContain(name);
          }
        }
      }),
    );
  });
});
