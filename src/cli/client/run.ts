// SPDX-License-Identifier: MPL-2.0

import {
  ClientDaemon,
  type ClientEvent,
  DhcpClient,
  isInterface,
  isLinkUp,
  MaxRt,
  openUdpTransport,
  requireWritableLeaseFile,
  runCommand,
  RunRecordKeeper,
  runRecordPath,
  systemDaemonEnvironment,
  systemEnvironment,
  TimestampSource,
} from '../../client';
import { print } from '../print';
import { appliersOf } from './appliers';
import { eventText } from './event-text';
import { leaseStore, requireUnkept } from './lease-store';
import { ServiceManager } from './notify';
import type { ClientOptions } from './options';
import { outliveReaders, printable, warn } from './printable';
import { type ClientSetUp, setUpClient } from './set-up';

/**
 * Runs until SIGTERM or SIGINT; SIGUSR1 renews, SIGUSR2 releases and waits for SIGUSR1.
 * @throws UsageError, PkiError, ClientError
 */
export async function runForGood(options: ClientOptions): Promise<void> {
  const setUp = setUpClient(options);
  const record = options.leaseFile === undefined ? undefined : recordKeeper(options.leaseFile, options);
  const daemon = createDaemon(options, setUp);
  const appliers = options.dryRun ? [] : appliersOf(options, daemon);
  const manager = new ServiceManager(process.env['NOTIFY_SOCKET']);
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => void manager.stopping());
  const forget = obeySignals(daemon, stop);
  outliveReaders();
  try {
    for await (const event of daemon.run(stop.signal)) {
      keepRecord(record, event);
      print(options.json ? JSON.stringify(event) : printable(eventText(event)));
      for (const applier of appliers) {
        await applier.apply(event).catch((error: unknown) => {
          warn(error instanceof Error ? error.message : String(error));
        });
      }
      await manager.tell(event);
    }
  } finally {
    forget();
  }
}

/** @throws ClientError `lease-file` where a client runs already that keeps the same lease, or it cannot be kept */
function recordKeeper(leaseFile: string, { interface: interfaceName }: ClientOptions): RunRecordKeeper {
  requireUnkept(leaseFile);
  requireWritableLeaseFile(leaseFile);
  return new RunRecordKeeper(runRecordPath(leaseFile), interfaceName);
}

function keepRecord(record: RunRecordKeeper | undefined, event: ClientEvent): void {
  try {
    record?.tell(event);
  } catch (error) {
    // As a lease that cannot be written, it ends nothing.
    warn(error instanceof Error ? error.message : String(error));
  }
}

function createDaemon(options: ClientOptions, setUp: ClientSetUp): ClientDaemon {
  const { interface: interfaceName, leaseFile } = options;
  const { clientIdentifier, clearIdentifier, newIdentity } = setUp;
  let { client } = setUp;
  const identifiers = clearIdentifier ? [clientIdentifier, clearIdentifier] : [clientIdentifier];
  const maxRt = new MaxRt();
  const timestamps = new TimestampSource(() => systemEnvironment.now());
  return new ClientDaemon({
    interfaceName,
    environment: systemDaemonEnvironment,
    openTransport: (signal) => openUdpTransport({ interfaceName, addressTimeout: 10_000, signal }),
    createClient: (transport, signal) => new DhcpClient({ timestamps, ...client, transport, signal, maxRt }),
    isLinkUp: () => isLinkUp(runCommand, interfaceName),
    isInterface: () => isInterface(interfaceName),
    store: leaseFile === undefined ? undefined : leaseStore(leaseFile, identifiers),
    maxRt,
    stateless: !options.address && !options.prefix,
    releaseOnStop: options.release,
    newIdentity:
      newIdentity &&
      ((): void => {
        client = { ...client, ...newIdentity() };
      }),
    // An opportunistic client's patience is what it looks for encryption with.
    giveUpAfter: client.opportunistic ? undefined : client.patience,
  });
}

/** @returns a function that ends it */
function obeySignals(daemon: ClientDaemon, stop: AbortController): () => void {
  const onStop = (): void => stop.abort();
  const onRenew = (): void => daemon.renew();
  const onRelease = (): void => daemon.release();
  process.on('SIGINT', onStop).on('SIGTERM', onStop).on('SIGUSR1', onRenew).on('SIGUSR2', onRelease);
  return () => {
    process.off('SIGINT', onStop).off('SIGTERM', onStop).off('SIGUSR1', onRenew).off('SIGUSR2', onRelease);
  };
}
