// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { createIntermediate, type IssuedKeyType } from '../../pki';
import { AuthorityDirectory } from './authority-directory';
import { daysOption, directoryOption, forceOption, jsonOption, keyTypeOption } from './options';
import { printAuthority } from './print-authority';
import { requireAbsent } from './write-files';

interface IntermediateOptions {
  readonly directory: string;
  readonly out: string;
  readonly subject: string;
  readonly keyType: IssuedKeyType;
  readonly days: number;
  readonly pathLength: number;
  readonly force: boolean;
  readonly json: boolean;
}

export function registerIntermediate(pki: Command): void {
  pki
    .command('intermediate')
    .description('make an authority below another one')
    .addOption(directoryOption())
    .requiredOption('--out <directory>', 'the directory of the new authority')
    .option('--subject <name>', "the new authority's name", 'CN=DHCPv6 issuing authority')
    .addOption(keyTypeOption())
    .addOption(daysOption(1825))
    .option('--path-length <number>', 'how many authorities may stand below the new one', parsePathLength, 0)
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The new directory is used like the first one, whose ca.key can then be locked away. What is to be trusted stays
the root's certificate: it is copied to root.pem.

Example:
  kea-encryption pki intermediate --directory ./pki --out ./issuing
  kea-encryption pki server --directory ./issuing --name dhcp.example.net --out server`,
    )
    .action(intermediate);
}

async function intermediate(options: IntermediateOptions): Promise<void> {
  const above = new AuthorityDirectory(options.directory);
  const directory = new AuthorityDirectory(options.out);
  if (!options.force) {
    requireAbsent([directory.certificate, directory.privateKey, directory.root]);
  }
  const issuer = above.load();
  const authority = await createIntermediate({ ...options, issuer, now: Date.now() });
  const root = readFileSync(issuer.isRoot ? above.certificate : above.root, 'utf8');
  directory.place(authority, [{ path: directory.root, text: root, isSecret: false }], options.force);
  printAuthority(authority, directory, options.json);
}

function parsePathLength(text: string): number {
  if (!/^\d{1,2}$/.test(text)) {
    throw new InvalidArgumentError('It must be a number from 0 to 99.');
  }
  return Number(text);
}
