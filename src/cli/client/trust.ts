// SPDX-License-Identifier: MPL-2.0

import { ServerPins, type ServerTrust } from '../../client';
import { loadTrustStore } from '../../pki';
import { UsageError } from '../errors';
import type { ClientOptions } from './options';

/** What servers are verified against. @throws UsageError, PkiError, ClientError `pins-file` */
export function serverTrust(options: ClientOptions): ServerTrust {
  const { trustAnchors, trustOnFirstUse, trustNewServers, serverName } = options;
  if (trustAnchors === undefined && trustOnFirstUse === undefined) {
    throw new UsageError(
      '--trust-anchors or --trust-on-first-use is missing: the authorities to trust, or the file of pinned keys',
    );
  }
  if (trustNewServers && trustOnFirstUse === undefined) {
    throw new UsageError('--trust-new-servers without --trust-on-first-use: no server is pinned');
  }
  if (trustNewServers && trustAnchors !== undefined) {
    throw new UsageError('--trust-new-servers with --trust-anchors: the authorities decide on new servers');
  }
  const { intermediates, crls } = options;
  return {
    store: trustAnchors && loadTrustStore({ anchors: trustAnchors, intermediates, crls }),
    pins: trustOnFirstUse === undefined ? undefined : ServerPins.open(trustOnFirstUse),
    trustsNewServers: trustNewServers,
    serverName,
  };
}
