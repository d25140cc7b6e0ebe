// SPDX-License-Identifier: MPL-2.0

import { type Command, Option } from 'commander';
import {
  loadTrustStore,
  matchServerName,
  type Purpose,
  readPemCertificates,
  type Validation,
} from '../../pki';
import { UsageError } from '../errors';
import { jsonOption, parseTime } from './options';
import { print, printJson, warn } from '../print';

interface VerifyOptions {
  readonly purpose: Purpose;
  readonly trustAnchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly crls: readonly string[];
  readonly time?: number;
  readonly serverName?: string;
  readonly draftLiteral: boolean;
  readonly json: boolean;
}

type ListName = 'trustAnchors' | 'intermediates' | 'crls';

export function registerVerify(pki: Command): void {
  let lastList: ListName | undefined;
  const filesOf =
    (name: ListName) =>
    (file: string, before: readonly string[]): readonly string[] => {
      lastList = name;
      return [...before, file];
    };
  pki
    .command('verify')
    .description('say whether a client or server would accept a certificate')
    .usage('[options] CERTIFICATE')
    .argument('[certificate]', 'the file with the certificate; intermediate ones may follow it there')
    .addOption(
      new Option('--purpose <purpose>', 'whose certificate it is')
        .choices(['client', 'server'])
        .makeOptionMandatory(),
    )
    .option('--trust-anchors <files...>', 'the authorities to trust', filesOf('trustAnchors'), [])
    .option('--intermediates <files...>', 'authorities on the way there', filesOf('intermediates'), [])
    .option('--crls <files...>', 'revocation lists', filesOf('crls'), [])
    .addOption(new Option('--time <time>', 'judge as of this time instead of now').argParser(parseTime))
    .option('--server-name <name>', "a name that a server's certificate must have")
    .option(
      '--draft-literal',
      'for a server with the setting draft-literal: the key must be allowed to decrypt',
      false,
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Exit codes: 0 accepted, 1 refused (the certificate and the broken rule are named), 2 wrong usage.
What the authorities have not done as RFC 5280 wants it, and is accepted all the same, is a warning on the
standard error, and in "warnings" with --json.

Example:
  kea-encryption pki verify --purpose server --trust-anchors ca.pem --crls crl.pem server.pem`,
    )
    .action((certificate: string | undefined, options: VerifyOptions) => {
      if (certificate === undefined) {
        const found = splitOff(options, lastList);
        verify(found.certificate, found.options);
      } else {
        verify(certificate, options);
      }
    });
}

/** An option with a list of files also takes the certificate that follows it: the last file of the last list. */
function splitOff(
  options: VerifyOptions,
  lastList: ListName | undefined,
): { readonly certificate: string; readonly options: VerifyOptions } {
  const list = lastList === undefined ? [] : options[lastList];
  const certificate = list.at(-1);
  if (lastList === undefined || certificate === undefined) {
    throw new UsageError('no certificate to verify');
  }
  return { certificate, options: { ...options, [lastList]: list.slice(0, -1) } };
}

function verify(certificate: string, options: VerifyOptions): void {
  const { trustAnchors: anchors, intermediates, crls, purpose, serverName } = options;
  if (anchors.length === 0) {
    throw new UsageError('--trust-anchors and a certificate behind them are needed');
  }
  if (serverName !== undefined && purpose !== 'server') {
    throw new UsageError('--server-name goes with --purpose server');
  }
  const store = loadTrustStore({ anchors, intermediates, crls });
  const now = options.time ?? Date.now();
  const validation = store.validate(readPemCertificates(certificate), purpose, now, options.draftLiteral);
  report(requireServerName(validation, serverName), certificate, options);
}

function requireServerName(validation: Validation, name: string | undefined): Validation {
  if (!validation.accepted || name === undefined || matchServerName(validation.endEntity, name)) {
    return validation;
  }
  const message = `certificate 0 (${validation.endEntity.subject}) does not have the name ${name}`;
  return { accepted: false, code: 'authentication-fail', rule: 'server-name', message, depth: 0 };
}

function report(validation: Validation, certificate: string, { purpose, json }: VerifyOptions): void {
  if (!validation.accepted) {
    process.exitCode = 1;
  }
  if (json) {
    if (validation.accepted) {
      const { accepted, endEntity, warnings } = validation;
      printJson({ accepted, certificate, purpose, subject: endEntity.subject, warnings });
    } else {
      printJson({ ...validation, certificate, purpose });
    }
  } else if (validation.accepted) {
    for (const warning of validation.warnings) {
      warn(`WARNING: ${warning}`);
    }
    print(`${certificate}: accepted as a ${purpose}'s certificate`);
  } else {
    print(`${certificate}: refused: ${validation.message} (${validation.rule})`);
  }
}
