// SPDX-License-Identifier: MPL-2.0

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  AddressApplier,
  type Applier,
  ClientDaemon,
  type ClientEvent,
  type Downstream,
  DownstreamApplier,
  isLinkUp,
  type Lease,
  type LeaseClient,
  type LeaseStore,
  MaxRt,
  openUdpTransport,
  readLeaseFile,
  removeLeaseFile,
  ResolvconfApplier,
  runCommand,
  ScriptApplier,
  systemDaemonEnvironment,
  type Transport,
  writeLeaseFile,
} from '../../client';
export interface RunSettings {
  readonly interfaceName: string;
  readonly stateless: boolean;
  readonly release: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly script: string | undefined;
  readonly downstreams: readonly Downstream[];
  readonly leaseFile: string | undefined;
  /** DUIDs whose leases this client may go on with. */
  readonly identifiers: readonly string[];
  /** Milliseconds; undefined never gives up. */
  readonly giveUpAfter: number | undefined;
  createClient(transport: Transport, signal: AbortSignal, maxRt: MaxRt): LeaseClient;
}

/** Runs until SIGTERM or SIGINT; SIGUSR1 renews, SIGUSR2 releases and waits for SIGUSR1. @throws ClientError */
export async function runDaemon(settings: RunSettings): Promise<void> {
  const { interfaceName } = settings;
  const maxRt = new MaxRt();
  const daemon = new ClientDaemon({
    interfaceName,
    environment: systemDaemonEnvironment,
    openTransport: (signal) => openUdpTransport({ interfaceName, addressTimeout: 10_000, signal }),
    createClient: (transport, signal) => settings.createClient(transport, signal, maxRt),
    isLinkUp: () => isLinkUp(runCommand, interfaceName),
    store:
      settings.leaseFile === undefined ? undefined : leaseStore(settings.leaseFile, settings.identifiers),
    maxRt,
    stateless: settings.stateless,
    releaseOnStop: settings.release,
    giveUpAfter: settings.giveUpAfter,
  });
  const appliers = settings.dryRun ? [] : appliersOf(settings, daemon);
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  const onRenew = (): void => daemon.renew();
  const onRelease = (): void => daemon.release();
  process.on('SIGINT', onStop).on('SIGTERM', onStop).on('SIGUSR1', onRenew).on('SIGUSR2', onRelease);
  try {
    for await (const event of daemon.run(stop.signal)) {
      console.log(settings.json ? JSON.stringify(event) : printable(eventText(event)));
      for (const applier of appliers) {
        await applier.apply(event).catch((error: unknown) => {
          warn(error instanceof Error ? error.message : String(error));
        });
      }
      if (event.type === 'started') {
        await notifyReady();
      }
    }
  } finally {
    process.off('SIGINT', onStop).off('SIGTERM', onStop).off('SIGUSR1', onRenew).off('SIGUSR2', onRelease);
  }
}

function appliersOf({ interfaceName, script, downstreams }: RunSettings, daemon: ClientDaemon): Applier[] {
  return [
    new AddressApplier({
      interfaceName,
      run: runCommand,
      onConflict: (addresses) => daemon.conflict(addresses),
      timer: setTimerOf,
    }),
    ...(downstreams.length > 0 ? [new DownstreamApplier(downstreams, runCommand, warn)] : []),
    ...(isInstalled('resolvconf') ? [new ResolvconfApplier(runCommand)] : []),
    ...(script === undefined ? [] : [new ScriptApplier(script, warn)]),
  ];
}

function setTimerOf(milliseconds: number, callback: () => void): void {
  setTimeout(callback, milliseconds).unref();
}

function leaseStore(file: string, identifiers: readonly string[]): LeaseStore {
  return {
    read: () => {
      const lease = existsSync(file) ? readLeaseFile(file) : undefined;
      return lease !== undefined && identifiers.includes(lease.clientIdentifier) ? lease : undefined;
    },
    write: (lease) => {
      writeLeaseFile(file, lease);
    },
    remove: () => {
      removeLeaseFile(file);
    },
  };
}

/** For a unit of Type=notify. */
async function notifyReady(): Promise<void> {
  const socket = process.env['NOTIFY_SOCKET'];
  if (socket !== undefined) {
    const args = [`NOTIFY_SOCKET=${socket}`, 'systemd-notify', '--ready', `--pid=${process.pid}`];
    await runCommand('env', args).catch((error: unknown) => {
      warn(String(error));
    });
  }
}

function isInstalled(command: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => existsSync(join(directory, command)));
}

function warn(text: string): void {
  console.error(`kea-encryption: ${printable(text)}`);
}

/** Names come from others: a terminal is told nothing but text. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

function eventText(event: ClientEvent): string {
  switch (event.type) {
    case 'link':
      return `${event.interface}: link ${event.up ? 'up' : 'down'}`;
    case 'problem':
      return `${event.interface}: ${event.message}`;
    case 'lost':
      return `${event.interface}: lost (${event.reason}) ${itemsOf(event.previous)}`;
    case 'started':
      return `${event.interface}: started`;
    case 'stopped':
      return `${event.interface}: stopped`;
    default:
      return `${event.interface}: ${event.type} ${itemsOf(event.lease)} from ${event.lease.serverName}`;
  }
}

function itemsOf({ addresses, prefixes }: Lease): string {
  return [
    ...addresses.flatMap(({ items }) => items.map(({ address }) => address)),
    ...prefixes.flatMap(({ items }) => items.map(({ prefix }) => prefix)),
  ].join(' ');
}
