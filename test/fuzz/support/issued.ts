// SPDX-License-Identifier: MPL-2.0

import { type Authority, createAuthority, issueCertificate, readPemCertificates } from '../../../src/pki';

/** An authority of P-256, and certificates that it has issued, DER, with all that this project writes in them. */
export async function issued(
  now: number,
): Promise<{ readonly authority: Authority; readonly seeds: Buffer[] }> {
  const authority = await createAuthority({ subject: 'CN=Fuzzed', keyType: 'P-256', days: 30, now });
  const common = { authority, key: 'P-256', days: 30, now } as const;
  const all = [
    await issueCertificate({
      ...common,
      purpose: 'client',
      subject: 'CN=host,O=Example',
      dns: ['host.example.net'],
    }),
    await issueCertificate({
      ...common,
      purpose: 'server',
      subject: 'CN=dhcp',
      dns: ['dhcp.example.net'],
      uri: ['urn:dhcp'],
    }),
  ];
  const seeds = all.flatMap(({ certificatePem }) =>
    readPemCertificates(Buffer.from(certificatePem)).slice(0, 1),
  );
  return { authority, seeds };
}
