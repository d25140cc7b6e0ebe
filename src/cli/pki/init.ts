// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { createAuthority, type IssuedKeyType } from '../../pki';
import { AuthorityDirectory } from './authority-directory';
import { daysOption, directoryOption, forceOption, jsonOption, keyTypeOption } from './options';
import { printAuthority } from './print-authority';
import { requireAbsent } from './write-files';

interface InitOptions {
  readonly directory: string;
  readonly subject: string;
  readonly keyType: IssuedKeyType;
  readonly days: number;
  readonly force: boolean;
  readonly json: boolean;
}

export function registerInit(pki: Command): void {
  pki
    .command('init')
    .description('make a certification authority')
    .addOption(directoryOption())
    .option('--subject <name>', "the authority's name", 'CN=DHCPv6 authority')
    .addOption(keyTypeOption())
    .addOption(daysOption(3650))
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Writes ca.pem, the certificate to trust, and ca.key, the private key, into the directory. Keep the directory off
the DHCP server: who has ca.key can pose as any server and any client.

Example:
  kea-encryption pki init --directory ./pki --subject 'CN=DHCPv6 authority, O=Example'`,
    )
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const directory = new AuthorityDirectory(options.directory);
  if (!options.force) {
    requireAbsent([directory.certificate, directory.privateKey]);
  }
  const authority = await createAuthority({ ...options, now: Date.now() });
  directory.place(authority, [], options.force);
  printAuthority(authority, directory, options.json);
}
