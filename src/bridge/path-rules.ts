// SPDX-License-Identifier: MPL-2.0

/** The rules that a certification path can break (native/bridge/path/rule.h). */
export const pathRules = [
  'no-certificate',
  'too-many-certificates',
  'certificate-too-large',
  'too-complex',
  'malformed',
  'version',
  'serial-number',
  'signature-algorithm',
  'signature',
  'key-type',
  'key-size',
  'key-encoding',
  'invalid-date',
  'not-yet-valid',
  'expired',
  'issuer-unknown',
  'self-signed',
  'end-entity-is-trust-anchor',
  'end-entity-is-ca',
  'not-a-ca',
  'basic-constraints',
  'path-too-long',
  'path-length-constraint',
  'key-usage',
  'extended-key-usage',
  'purpose',
  'empty-name',
  'subject-alt-name',
  'authority-key-identifier',
  'subject-key-identifier',
  'duplicate-extension',
  'malformed-extension',
  'unknown-critical-extension',
  'unsupported-extension',
  'name-constraints',
  'name-not-permitted',
  'name-excluded',
  'policy-extension',
  'no-valid-policy',
  'resources-not-nested',
  'revoked',
  'crl-missing',
  'crl-not-yet-valid',
  'crl-expired',
  'crl-issuer',
  'crl-scope',
  'crl-signature',
  'crl-signature-algorithm',
  'crl-version',
  'crl-number',
  'crl-next-update',
  'crl-extension',
  'internal',
] as const;

export type PathRule = (typeof pathRules)[number];

const known: ReadonlySet<string> = new Set(pathRules);

export function isPathRule(code: string): code is PathRule {
  return known.has(code);
}
