// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import {
  applicableEvent,
  ClientDaemon,
  type ClientEvent,
  ContextKeeper,
  DhcpClient,
  isInterface,
  linkLocalAddress,
  linkState,
  MaxRt,
  openUdpTransport,
  requireWritableLeaseFile,
  runCommand,
  RunRecordKeeper,
  runRecordPath,
  systemDaemonEnvironment,
} from '../../client';
import { ignoreBrokenPipe, print, printJsonLine, warn } from '../print';
import { appliersOf } from './appliers';
import { eventText } from './event-text';
import { CurrentIdentity } from './current-identity';
import { leaseStore, requireUnkept } from './lease-store';
import { ServiceManager } from './notify';
import type { ClientOptions } from './options';
import { type ClientSetUp, setUpClient } from './set-up';
import { timestampSource } from './timestamps';

/**
 * Runs the client daemon until SIGTERM or SIGINT; SIGUSR1 renews, SIGUSR2 releases and waits for SIGUSR1, SIGHUP reloads
 * the files.
 * @throws UsageError, PkiError, ClientError
 */
export async function runDaemon(options: ClientOptions): Promise<void> {
  const setUp = setUpClient(options);
  const record = options.leaseFile === undefined ? undefined : recordKeeper(options.leaseFile, options);
  const identity = new CurrentIdentity(options, setUp);
  const daemon = createDaemon(options, setUp, identity);
  const appliers = options.dryRun ? [] : appliersOf(options, daemon);
  const manager = new ServiceManager(process.env['NOTIFY_SOCKET']);
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => void manager.stopping());
  const forget = obeySignals(daemon, identity, stop);
  ignoreBrokenPipe();
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

/** @throws ClientError `lease-file` if a running client has the same lease file, or it cannot be written */
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
    // A record that cannot be written does not end the client.
    warn(errorText(error));
  }
}

function createDaemon(options: ClientOptions, setUp: ClientSetUp, identity: CurrentIdentity): ClientDaemon {
  const { interface: interfaceName, leaseFile } = options;
  const { clientIdentifier, derivedIdentifier, clearIdentifier, newIdentity, client } = setUp;
  const identifiers = [clientIdentifier, derivedIdentifier, ...(clearIdentifier ? [clearIdentifier] : [])];
  const maxRt = new MaxRt();
  const timestamps = timestampSource(options, client.time);
  const contexts = new ContextKeeper();
  return new ClientDaemon({
    interfaceName,
    environment: systemDaemonEnvironment,
    openTransport: (signal) => openUdpTransport({ interfaceName, addressTimeout: 10_000, signal }),
    forgetLink: () => contexts.erase(),
    createClient: (transport, signal, attemptLimit) =>
      new DhcpClient({ timestamps, contexts, ...identity.client, attemptLimit, transport, signal, maxRt }),
    link: async () => {
      const state = await linkState(runCommand, interfaceName);
      return state && { ...state, address: await linkLocalAddress(interfaceName) };
    },
    isInterface: () => isInterface(interfaceName),
    store: leaseFile === undefined ? undefined : leaseStore(leaseFile, identifiers),
    maxRt,
    stateless: !options.address && !options.prefix,
    releaseOnStop: options.release,
    newIdentity: newIdentity && ((): void => identity.replace()),
    // The patience of an opportunistic client is how long it looks for encryption.
    giveUpAfter: client.opportunistic ? undefined : client.patience,
  });
}

/** Reloads the files; if one is invalid, all stays as it was, as it does for a client that is stopping. */
function reload(daemon: ClientDaemon, identity: CurrentIdentity, stop: AbortSignal): void {
  if (stop.aborted) {
    return;
  }
  try {
    daemon.change(identity.reload());
    warn('SIGHUP: certificate, key, trust anchors and CRLs were reloaded');
  } catch (error) {
    const reason = errorText(error);
    warn(`SIGHUP: ${reason}; nothing was reloaded`);
  }
}

/** @returns a function that removes the handlers */
function obeySignals(daemon: ClientDaemon, identity: CurrentIdentity, stop: AbortController): () => void {
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
