// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { deriveDuid, type RecipientPublicKey } from '../../crypto';
import { type CertificateDescription, type DescribedItem, describeFile } from '../../pki';
import { jsonOption } from './options';
import { print, printJson, type Result, resultLines, timeText } from '../print';

export function registerShow(pki: Command): void {
  pki
    .command('show')
    .description('print what a file of certificates, revocation lists, requests or keys holds')
    .argument('<file>', 'a file in PEM or DER')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Of a private key it prints the public half. The DUID is the one that a server of solution B gives to the key.

Example:
  kea-encryption pki show laptop.pem`,
    )
    .action(async (file: string, { json }: { json: boolean }) => {
      const results = (await describeFile(file)).map(resultOf);
      if (json) {
        printJson(results);
      } else {
        print(...results.flatMap((result, at) => [...(at === 0 ? [] : ['']), ...resultLines(result)]));
      }
    });
}

function resultOf(item: DescribedItem): Result {
  switch (item.kind) {
    case 'certificate':
      return { kind: item.kind, ...certificateResult(item.certificate) };
    case 'crl': {
      const { issuer, thisUpdate, nextUpdate, revoked } = item.crl;
      return {
        kind: item.kind,
        issuer,
        thisUpdate: timeText(thisUpdate),
        nextUpdate: nextUpdate === undefined ? undefined : timeText(nextUpdate),
        revoked,
      };
    }
    case 'request': {
      const { subject, subjectAltNames, key } = item.request;
      return { kind: item.kind, subject, ...subjectAltNames, ...keyResult(key) };
    }
    case 'public-key':
    case 'private-key':
      return { kind: item.kind, ...keyResult(item.key) };
  }
}

function certificateResult(certificate: CertificateDescription): Result {
  const { subject, issuer, serial, notBefore, notAfter, key, subjectAltNames, isAuthority } = certificate;
  return {
    subject,
    issuer,
    serial,
    notBefore: timeText(notBefore),
    notAfter: timeText(notAfter),
    ...subjectAltNames,
    authority: isAuthority ? true : undefined,
    keyUsage: certificate.keyUsage,
    extendedKeyUsage: certificate.extendedKeyUsage,
    ...(key === undefined ? { keyType: 'not supported' } : keyResult(key)),
  };
}

function keyResult(key: RecipientPublicKey): Result {
  return {
    keyType: key.keyType,
    keyIdentifier: key.keyId.toString('hex'),
    duid: deriveDuid(key.spki).toString('hex'),
  };
}
