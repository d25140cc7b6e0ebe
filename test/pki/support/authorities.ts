// SPDX-License-Identifier: MPL-2.0

import {
  type Authority,
  type CertificateRequest,
  createAuthority,
  createIntermediate,
  issueCertificate,
  type IssuedCertificate,
} from '../../../src/pki';

export const now = Date.parse('2026-03-01T12:00:00Z');
export const day = 86_400_000;

export function root(changes: Partial<Parameters<typeof createAuthority>[0]> = {}): Promise<Authority> {
  return createAuthority({ subject: 'CN=root', keyType: 'P-256', days: 3650, now, ...changes });
}

export function below(
  issuer: Authority,
  changes: Partial<Parameters<typeof createIntermediate>[0]> = {},
): Promise<Authority> {
  const request = {
    issuer,
    subject: 'CN=issuing',
    keyType: 'P-256',
    days: 1825,
    now,
    pathLength: 0,
  } as const;
  return createIntermediate({ ...request, ...changes });
}

export function issue(
  authority: Authority,
  changes: Partial<CertificateRequest> = {},
): Promise<IssuedCertificate> {
  return issueCertificate({
    authority,
    purpose: 'server',
    subject: 'CN=host',
    dns: ['dhcp.example.net'],
    key: 'P-256',
    days: 365,
    now,
    ...changes,
  });
}
