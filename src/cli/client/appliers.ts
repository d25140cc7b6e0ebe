// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  AddressApplier,
  type Applier,
  type ClientDaemon,
  DownstreamApplier,
  ResolvconfApplier,
  runCommand,
  ScriptApplier,
} from '../../client';
import { warn } from '../print';
import type { ClientOptions } from './options';

/** What changes this host as the lease changes. */
export function appliersOf(options: ClientOptions, daemon: ClientDaemon): Applier[] {
  const { interface: interfaceName, script, downstream } = options;
  return [
    new AddressApplier({
      interfaceName,
      run: runCommand,
      onConflict: (addresses) => daemon.conflict(addresses),
      timer: (milliseconds, callback) => setTimeout(callback, milliseconds).unref(),
    }),
    ...(downstream.length > 0 ? [new DownstreamApplier(downstream, runCommand, warn)] : []),
    ...(isInstalled('resolvconf') ? [new ResolvconfApplier(runCommand)] : []),
    ...(script === undefined ? [] : [new ScriptApplier(script, warn)]),
  ];
}

function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => existsSync(join(directory, command)));
}
