// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PathStore, type PathResult, type PathRule, verifyPath } from '../../../src/bridge';

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
      // The suite wants a CRL of every issuer (4.4.1).
      revocation: 'all',
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
  /**
   * The rules for which the suite's invalid paths are refused. Where the end entity is a CA, that is found before the
   * rule that the case is about.
   */
  const refusals: Partial<Record<PathRule, string>> = {
    signature: '4.1.2 4.1.3',
    'signature-algorithm': '4.1.6',
    'not-yet-valid': '4.2.1 4.2.2',
    expired: '4.2.5 4.2.6 4.2.7',
    'issuer-unknown': '4.3.1 4.3.2',
    'crl-missing': '4.4.1 4.4.5 4.4.6 4.14.17 4.14.27 4.15.1',
    revoked: [
      '4.4.2 4.4.3 4.4.15 4.4.18 4.4.20 4.5.2 4.5.5 4.5.7 4.14.2 4.14.6 4.14.15 4.14.16 4.14.20',
      '4.14.21 4.14.23 4.14.31 4.14.32 4.14.34 4.15.3 4.15.4 4.15.6 4.15.9',
    ].join(' '),
    'crl-signature': '4.4.4',
    'crl-extension': '4.4.8 4.4.9 4.4.10',
    'crl-expired': '4.4.11 4.4.12 4.15.10',
    'crl-issuer': '4.4.21 4.7.4 4.7.5',
    'not-a-ca': '4.5.8 4.6.1 4.6.2 4.6.3 4.7.1 4.7.2',
    'path-length-constraint': '4.6.5 4.6.9 4.6.11 4.6.16',
    'end-entity-is-ca': '4.6.6 4.6.10 4.6.12 4.8.6#3 4.8.7 4.8.8 4.12.10 4.14.11',
    'no-valid-policy': [
      '4.8.1#3 4.8.2#2 4.8.3#2 4.8.3#3 4.8.4 4.8.5 4.8.9 4.8.12 4.8.14#2 4.9.3 4.9.5 4.9.7 4.9.8',
      '4.10.1.2 4.10.1.3 4.10.2#1 4.10.2#2 4.10.3#1 4.10.4 4.10.5#2 4.10.6#2 4.10.10 4.10.13#3',
      '4.11.1 4.11.3 4.11.5 4.11.6 4.11.8 4.11.9 4.11.10 4.11.11 4.12.1 4.12.3#2 4.12.4 4.12.5',
      '4.12.6 4.12.8',
    ].join(' '),
    'policy-extension': '4.10.7 4.10.8',
    'name-not-permitted': [
      '4.13.2 4.13.3 4.13.12 4.13.13 4.13.20 4.13.22 4.13.24 4.13.28 4.13.29 4.13.31 4.13.35',
      '4.13.38',
    ].join(' '),
    'name-excluded': '4.13.7 4.13.8 4.13.9 4.13.10 4.13.15 4.13.16 4.13.17 4.13.26 4.13.33 4.13.37',
    'crl-scope': '4.14.3 4.14.8 4.14.9 4.14.12 4.14.14 4.14.26 4.14.35',
    'unknown-critical-extension': '4.16.2',
  };
  const ruleOf = new Map(
    Object.entries(refusals).flatMap(([rule, ids]) => ids.split(' ').map((id) => [id, rule] as const)),
  );
  // Stricter than the suite, each for a rule that it predates or that this project adds.
  const reasons: Readonly<Record<string, string>> = {
    '4.1.4': 'signature-algorithm',
    '4.1.5': 'signature-algorithm',
    '4.6.8': 'end-entity-is-ca',
    '4.6.14': 'end-entity-is-ca',
    '4.8.6#1': 'end-entity-is-ca',
    '4.8.6#2': 'end-entity-is-ca',
    '4.14.13': 'end-entity-is-ca',
    '4.14.30': 'crl-issuer',
  };
  const others = cases.filter(({ id, may_differ }) => may_differ && id in reasons);
  const binding = cases.filter((test) => !others.includes(test));
  const rows = (expected: boolean) =>
    binding.filter((test) => test.expected === expected).map((test) => [test.title, test.id, test] as const);

  test.each(rows(true))('%s (%s)', (_title, _id, test) => {
    expect(verdictOf(test)).toMatchObject({ accepted: true });
  });

  test.each(rows(false))('%s (%s)', (_title, id, test) => {
    expect(verdictOf(test)).toMatchObject({ accepted: false, code: ruleOf.get(id) });
  });

  test.each(others.map((test) => [test.title, test.notes, reasons[test.id], test] as const))(
    'may differ: %s: %s: refused for %s',
    (_title, _notes, code, test) => {
      expect(verdictOf(test)).toMatchObject({ accepted: false, code });
    },
  );
});
