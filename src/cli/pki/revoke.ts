// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { lock, LockTimeoutError } from '../../bridge';
import {
  type Authority,
  createCrl,
  describeCertificate,
  hasIssued,
  PkiError,
  readCrls,
  readPemCertificates,
  readRevocations,
  type Revocation,
  type RevocationList,
  type RevocationReason,
  revocationReasonNames,
} from '../../pki';
import { systemErrorText } from '../../support';
import { UsageError } from '../errors';
import { AuthorityDirectory } from './authority-directory';
import { daysOption, directoryOption, jsonOption, parseSerial } from './options';
import { print, printJson, resultLines } from '../print';
import { writeFiles } from './write-files';

interface CrlOptions {
  readonly directory: string;
  readonly days: number;
  readonly json: boolean;
}

interface RevokeOptions extends CrlOptions {
  readonly serial?: string;
  readonly reason: RevocationReason;
}

const crlDays = 30;

/** Milliseconds. */
const MAX_LOCK_WAIT = 30_000;

export function registerRevoke(pki: Command): void {
  pki
    .command('revoke')
    .description("put a certificate on the authority's revocation list")
    .argument('[certificate]', 'the file of the certificate, or its chain')
    .addOption(directoryOption())
    .addOption(
      new Option('--serial <number>', 'the serial number, if the certificate is lost').argParser(parseSerial),
    )
    .addOption(new Option('--reason <reason>', 'why').choices(revocationReasonNames).default('unspecified'))
    .addOption(daysOption(crlDays, 'days until a new list is due'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Writes crl.pem in the authority's directory: give it to all that list it among their crls.

Example:
  kea-encryption pki revoke --directory ./pki --reason keyCompromise laptop.pem`,
    )
    .action(revoke);
}

export function registerCrl(pki: Command): void {
  pki
    .command('crl')
    .description("sign the authority's revocation list anew, before it is overdue")
    .addOption(directoryOption())
    .addOption(daysOption(crlDays, 'days until a new list is due'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  kea-encryption pki crl --directory ./pki --days 30`,
    )
    .action(async (options: CrlOptions) => {
      const directory = new AuthorityDirectory(options.directory);
      const authority = directory.load();
      await whileLocked(directory, async () => {
        const { number, revocations } = await lastList(directory, authority);
        await writeList(directory, authority, { number: number + 1n, revocations }, options);
      });
    });
}

/**
 * Changes the list while no other command does.
 * @throws PkiError `file-exists` if another one holds it too long, `file-unwritable`
 */
async function whileLocked(directory: AuthorityDirectory, change: () => Promise<void>): Promise<void> {
  const path = directory.crlLock;
  const release = await lock(path, MAX_LOCK_WAIT).catch((error: unknown) => {
    throw error instanceof LockTimeoutError
      ? new PkiError('file-exists', path, 'another command is under way', { cause: error })
      : new PkiError('file-unwritable', path, systemErrorText(error), { cause: error });
  });
  try {
    await change();
  } finally {
    release();
  }
}

async function revoke(certificate: string | undefined, options: RevokeOptions): Promise<void> {
  const directory = new AuthorityDirectory(options.directory);
  const authority = directory.load();
  const serial = serialOf(certificate, options.serial, authority);
  await whileLocked(directory, async () => {
    const { number, revocations } = await lastList(directory, authority);
    if (revocations.some((revocation) => revocation.serial === serial)) {
      throw new PkiError('invalid-argument', serial, 'the certificate is on the list already');
    }
    const revocation: Revocation = { serial, date: new Date(), reason: options.reason };
    const list = { number: number + 1n, revocations: [...revocations, revocation] };
    await writeList(directory, authority, list, options);
  });
}

function serialOf(path: string | undefined, serial: string | undefined, authority: Authority): string {
  if ((path === undefined) === (serial === undefined)) {
    throw new UsageError('either a certificate or --serial says what to revoke');
  }
  if (path === undefined) {
    return serial ?? '';
  }
  const [der] = readPemCertificates(path);
  if (der === undefined || !hasIssued(authority, der, path)) {
    throw new PkiError('signature-invalid', path, 'not a certificate that this authority has issued');
  }
  return describeCertificate(der, path).serial;
}

async function lastList(directory: AuthorityDirectory, authority: Authority): Promise<RevocationList> {
  if (!existsSync(directory.crl)) {
    return { number: 0n, revocations: [] };
  }
  const [der] = readCrls(directory.crl);
  return der === undefined ? { number: 0n, revocations: [] } : readRevocations(der, authority, directory.crl);
}

async function writeList(
  directory: AuthorityDirectory,
  authority: Authority,
  list: RevocationList,
  { days, json }: CrlOptions,
): Promise<void> {
  const text = await createCrl({ ...list, authority, days, now: Date.now() });
  writeFiles([{ path: directory.crl, text, isSecret: false }], true);
  const result = {
    crl: directory.crl,
    number: String(list.number),
    revoked: list.revocations.map(({ serial }) => serial),
  };
  if (json) {
    printJson(result);
  } else {
    print(...resultLines(result));
  }
}
