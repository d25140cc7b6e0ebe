// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PathStore, type PathResult, verifyPath } from '../../../src/bridge';

const folder = join(__dirname, '../../vectors/pkits');

interface PkitsCase {
  readonly id: string;
  readonly title: string;
  readonly chain: readonly string[];
  readonly trust_anchor: string;
  readonly crls: readonly string[];
  readonly validation_time: string;
  readonly expected: boolean;
  readonly may_differ: boolean;
  readonly notes: string;
  readonly policy: {
    readonly initial_explicit_policy: boolean;
    readonly initial_policy_mapping_inhibit: boolean;
    readonly initial_any_policy_inhibit: boolean;
    readonly initial_policy_set_oids: readonly string[];
  };
}

const cases = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as readonly PkitsCase[];

function octets(path: string): Buffer {
  return readFileSync(join(folder, path));
}

function verdictOf(test: PkitsCase): PathResult {
  const store = new PathStore({ anchors: [octets(test.trust_anchor)], crls: test.crls.map(octets) });
  return verifyPath(
    {
      chain: test.chain.map(octets),
      // The certificates of the suite have no role in a protocol.
      purpose: 'any',
      time: Date.parse(test.validation_time) / 1000,
      // 4.4.14 has a negative serial number, and policyConstraints is not critical anywhere.
      lenientIssuers: true,
      policies: test.policy.initial_policy_set_oids,
      requireExplicitPolicy: test.policy.initial_explicit_policy,
      inhibitPolicyMapping: test.policy.initial_policy_mapping_inhibit,
      inhibitAnyPolicy: test.policy.initial_any_policy_inhibit,
    },
    store,
  );
}

describe('NIST PKITS', () => {
  const binding = cases.filter((test) => !test.may_differ);
  test.each(binding.map((test) => [test.title, test.id, test] as const))('%s (%s)', (_title, _id, test) => {
    const verdict = verdictOf(test);
    expect({ accepted: verdict.accepted, verdict }).toEqual({ accepted: test.expected, verdict });
  });

  // Stricter than the suite, each for a rule that it predates or that this project adds.
  const reasons: Readonly<Record<string, string>> = {
    '4.1.4': 'signature-algorithm',
    '4.1.5': 'signature-algorithm',
    '4.6.4': 'basic-constraints',
    '4.6.8': 'end-entity-is-ca',
    '4.6.14': 'end-entity-is-ca',
    '4.8.6#1': 'end-entity-is-ca',
    '4.8.6#2': 'end-entity-is-ca',
    '4.14.13': 'end-entity-is-ca',
    '4.14.30': 'crl-issuer',
  };
  const others = cases.filter((test) => test.may_differ);
  test.each(others.map((test) => [test.title, test.notes, reasons[test.id], test] as const))(
    'may differ: %s: %s: refused for %s',
    (_title, _notes, code, test) => {
      expect(verdictOf(test)).toMatchObject({ accepted: false, code });
    },
  );
});
