// SPDX-License-Identifier: MPL-2.0
import {
  ClientDaemon,
  type ClientEvent,
  crypto,
  DhcpClient,
  linkState,
  MaxRt,
  openUdpTransport,
  pki,
  runCommand,
  systemDaemonEnvironment,
  TimestampSource,
} from 'kea-hooks-bridge';

/** Paths of PEM files, and the network interface to get a lease on. */
export interface Settings {
  readonly interfaceName: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly trustAnchors: string;
}

/**
 * Gets a lease over encrypted DHCPv6 and keeps it until `signal`, then releases it. It changes nothing on the host:
 * that is up to the reader of the events.
 */
export function leaseEvents(settings: Settings, signal: AbortSignal): AsyncIterableIterator<ClientEvent> {
  const { interfaceName, certificate, privateKey, trustAnchors } = settings;
  const environment = systemDaemonEnvironment;
  const now = environment.now();
  const identity = pki.loadIdentity({ certificate, privateKey, purpose: 'client', now });
  const store = pki.loadTrustStore({ anchors: [trustAnchors], intermediates: [], crls: [] });
  const timestamps = new TimestampSource(() => environment.now());
  const maxRt = new MaxRt();
  const daemon = new ClientDaemon({
    interfaceName,
    environment,
    maxRt,
    openTransport: (stop) => openUdpTransport({ interfaceName, addressTimeout: 10_000, signal: stop }),
    createClient: (transport, stop) =>
      new DhcpClient({
        solution: 'A',
        signer: { key: identity.privateKey, chain: identity.chain },
        trust: { store, pins: undefined, serverName: undefined },
        leaseRequest: {
          clientIdentifier: crypto.deriveDuid(identity.spki),
          iaid: 1,
          address: true,
          prefix: false,
          rapidCommit: false,
          fqdn: undefined,
        },
        patience: undefined,
        environment,
        transport,
        notice: (text) => console.error(text),
        signal: stop,
        maxRt,
        timestamps,
      }),
    link: () => linkState(runCommand, interfaceName),
    store: undefined,
    stateless: false,
    releaseOnStop: true,
    giveUpAfter: undefined,
  });
  return daemon.run(signal);
}
