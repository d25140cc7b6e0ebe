// SPDX-License-Identifier: MPL-2.0

import { ServerPins, type ServerTrust } from '../../client';
import { loadTrustStore } from '../../pki';
import { UsageError } from '../errors';
import type { ClientOptions } from './options';

/** What servers are verified against. @throws UsageError, PkiError, ClientError `pins-file` */
export function serverTrust(options: ClientOptions): ServerTrust {
  const { trustAnchors, trustOnFirstUse, serverName } = options;
  if (trustAnchors === undefined && trustOnFirstUse === undefined) {
    throw new UsageError(
      '--trust-anchors or --trust-on-first-use is missing: the authorities to trust, or the file of pinned keys',
    );
  }
  const { intermediates, crls } = options;
  return {
    store: trustAnchors && loadTrustStore({ anchors: trustAnchors, intermediates, crls }),
    pins: trustOnFirstUse === undefined ? undefined : ServerPins.open(trustOnFirstUse),
    serverName,
  };
}
