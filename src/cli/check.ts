// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { checkKeaConfig, fileCredentialReader, readOwnedFile } from '../engine';
import { print, printJson } from './print';

/** `kea-encryption check`: the hook's settings in a whole kea-dhcp6.conf, without Kea. */
export function registerCheckCommand(program: Command): void {
  program
    .command('check')
    .description(
      "check the encryption settings of a kea-dhcp6.conf, the engine's own, and every file that they name",
    )
    .argument('<file>', 'the configuration of kea-dhcp6, with its comments and includes')
    .option(
      '--engine-config <file>',
      'the settings of an engine that the hook connects to',
      '/etc/kea-encryption/engine.conf',
    )
    .option('--json', 'print the problems as JSON', false)
    .addHelpText(
      'after',
      `
Exit codes: 0 all is well (one line says so), 1 something is wrong (a line each: file:line:column: setting: what),
2 wrong usage. Where the hook connects to an engine (engine.socket), that engine's settings are checked with it.
Kea's own settings are not looked at: ask kea-dhcp6 -t.
Names of included files are taken from the working directory, as Kea takes them.

Example:
  kea-encryption check /etc/kea/kea-dhcp6.conf`,
    )
    .action((file: string, options: { readonly json: boolean; readonly engineConfig: string }) => {
      const problems = checkKeaConfig(file, {
        readFile: (name) => readFileSync(name, 'utf8'),
        engineFile: options.engineConfig,
        readEngineFile: readOwnedFile,
        credentials: fileCredentialReader,
        now: Date.now(),
      });
      if (options.json) {
        printJson({ file, accepted: problems.length === 0, problems });
      } else if (problems.length === 0) {
        print(`${file}: the settings of the encryption hook, and the files that they name, are right`);
      } else {
        for (const { position, setting, text } of problems) {
          const place = `${position.file}:${position.line}:${position.column}`;
          print([place, ...(setting === '' ? [] : [setting]), text].join(': '));
        }
      }
      process.exitCode = problems.length === 0 ? 0 : 1;
    });
}
