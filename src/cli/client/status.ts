// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { livenessOf, readLeaseFile, readRunRecord, runRecordPath } from '../../client';
import { print, printJson } from '../print';
import { type GivenOptions, missing } from './options';
import { type StatusReport, statusReport } from './status-report';
import { statusLines } from './status-text';

/** Where the unit kea-encryption-client@.service keeps the lease of an interface. */
function unitLeaseFile(interfaceName: string): string {
  return `/var/lib/kea-encryption-client/${interfaceName}.json`;
}

/** `client status`: prints the lease file, and whether a client daemon keeps it. Sends nothing. */
export function registerStatus(client: Command): void {
  client
    .command('status')
    .description('show the lease, and whether a client runs that keeps it')
    // The values are the parent's, which is parsed first; listed here for the help.
    .option('--lease-file <file>', "the client's lease file")
    .option('--interface <name>', "in its place: the lease file of this interface's systemd unit")
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      `
Exit codes: 0 there is an address or a prefix to use, or fresh information; 1 there is none; 2 wrong usage.

Example:
  kea-encryption client status --interface eth0 --json`,
    )
    .action((_, command: Command) => {
      const given = command.optsWithGlobals<GivenOptions>();
      const { interface: name, json } = given;
      const leaseFile =
        given.leaseFile ??
        (name === undefined ? missing(command, '--lease-file <file>') : unitLeaseFile(name));
      const now = Date.now();
      const report = read(leaseFile, now);
      const named = { ...report, interface: report.interface ?? name };
      if (json) {
        printJson(named);
      } else {
        print(...statusLines(named, now));
      }
      process.exitCode = report.usable ? 0 : 1;
    });
}

function read(leaseFile: string, now: number): StatusReport {
  const record = readRunRecord(runRecordPath(leaseFile));
  return statusReport({
    leaseFile,
    lease: existsSync(leaseFile) ? readLeaseFile(leaseFile) : undefined,
    record,
    liveness: record === undefined ? 'ended' : livenessOf(record.process),
    now,
  });
}
