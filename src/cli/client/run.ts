// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import {
  applicableEvent,
  ClientDaemon,
  type ClientEvent,
  ContextKeeper,
  DhcpClient,
  isInterface,
  linkState,
  MaxRt,
  openUdpTransport,
  requireWritableLeaseFile,
  runCommand,
  RunRecordKeeper,
  runRecordPath,
  systemDaemonEnvironment,
} from '../../client';
import { print, printJsonLine, warn } from '../print';
import { appliersOf } from './appliers';
import { eventText } from './event-text';
import { IdentityInForce } from './identity-in-force';
import { leaseStore, requireUnkept } from './lease-store';
import { ServiceManager } from './notify';
import type { ClientOptions } from './options';
import { outliveReaders } from './outlive-readers';
import { type ClientSetUp, setUpClient } from './set-up';
import { timestampSource } from './timestamps';

/**
 * Runs until SIGTERM or SIGINT; SIGUSR1 renews, SIGUSR2 releases and waits for SIGUSR1, SIGHUP reads the files anew.
 * @throws UsageError, PkiError, ClientError
 */
export async function runForGood(options: ClientOptions): Promise<void> {
  const setUp = setUpClient(options);
  const record = options.leaseFile === undefined ? undefined : recordKeeper(options.leaseFile, options);
  const identity = new IdentityInForce(options, setUp);
  const daemon = createDaemon(options, setUp, identity);
  const appliers = options.dryRun ? [] : appliersOf(options, daemon);
  const manager = new ServiceManager(process.env['NOTIFY_SOCKET']);
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => void manager.stopping());
  const forget = obeySignals(daemon, identity, stop);
  outliveReaders();
  try {
    for await (const event of daemon.run(stop.signal)) {
      keepRecord(record, event);
      tell(event, options);
      const applicable = applicableEvent(event);
      for (const applier of appliers) {
        await applier.apply(applicable).catch((error: unknown) => {
          warn(errorText(error));
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

function tell(event: ClientEvent, { json }: ClientOptions): void {
  if (json) {
    printJsonLine(event);
  } else {
    print(eventText(event));
  }
}

function keepRecord(record: RunRecordKeeper | undefined, event: ClientEvent): void {
  try {
    record?.tell(event);
  } catch (error) {
    // As a lease that cannot be written, it ends nothing.
    warn(errorText(error));
  }
}

function createDaemon(options: ClientOptions, setUp: ClientSetUp, identity: IdentityInForce): ClientDaemon {
  const { interface: interfaceName, leaseFile } = options;
  const { clientIdentifier, clearIdentifier, newIdentity, client } = setUp;
  const identifiers = clearIdentifier ? [clientIdentifier, clearIdentifier] : [clientIdentifier];
  const maxRt = new MaxRt();
  const timestamps = timestampSource(options);
  const contexts = new ContextKeeper();
  return new ClientDaemon({
    interfaceName,
    environment: systemDaemonEnvironment,
    openTransport: (signal) => openUdpTransport({ interfaceName, addressTimeout: 10_000, signal }),
    createClient: (transport, signal, attemptLimit) =>
      new DhcpClient({ timestamps, contexts, ...identity.client, attemptLimit, transport, signal, maxRt }),
    link: () => linkState(runCommand, interfaceName),
    isInterface: () => isInterface(interfaceName),
    store: leaseFile === undefined ? undefined : leaseStore(leaseFile, identifiers),
    maxRt,
    stateless: !options.address && !options.prefix,
    releaseOnStop: options.release,
    newIdentity: newIdentity && ((): void => identity.beAnother()),
    // An opportunistic client's patience is what it looks for encryption with.
    giveUpAfter: client.opportunistic ? undefined : client.patience,
  });
}

/** Where a file is not as it has to be, all stays as it was; so it does for a client that is about to end. */
function reload(daemon: ClientDaemon, identity: IdentityInForce, stop: AbortSignal): void {
  if (stop.aborted) {
    return;
  }
  try {
    daemon.change(identity.reread());
    warn('SIGHUP: certificate, key, trust anchors and CRLs were read anew');
  } catch (error) {
    const reason = errorText(error);
    warn(`SIGHUP: ${reason}; what was in force before still is`);
  }
}

/** @returns a function that ends it */
function obeySignals(daemon: ClientDaemon, identity: IdentityInForce, stop: AbortController): () => void {
  const onStop = (): void => stop.abort();
  const handlers: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGINT', onStop],
    ['SIGTERM', onStop],
    ['SIGUSR1', () => daemon.renew()],
    ['SIGUSR2', () => daemon.release()],
    ['SIGHUP', () => reload(daemon, identity, stop.signal)],
  ];
  for (const [signal, handler] of handlers) {
    process.on(signal, handler);
  }
  return () => {
    for (const [signal, handler] of handlers) {
      process.off(signal, handler);
    }
  };
}
