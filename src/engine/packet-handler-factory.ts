// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey } from '../crypto';
import { TrustStore } from '../pki';
import type { Signer } from '../protocol';
import { AnswerHandler } from './answer-handler';
import { AuthenticationHandler } from './authentication-handler';
import { Authenticator } from './authenticator';
import { Blocklist } from './blocklist';
import { ClientDirectory } from './client-directory';
import { ContextTable } from './context-table';
import { CredentialVerifier } from './credential-verifier';
import { FailureReporter } from './failure-reporter';
import { KeyTable } from './key-table';
import { PacketHandler } from './packet-handler';
import { PendingSolicits } from './pending-solicits';
import { QueryHandler } from './query-handler';
import { RateLimiter } from './rate-limiter';
import { ServerKeys } from './server-keys';
import type { WorkerIdentity, WorkerSettings } from './worker-protocol';

/** Solicits that Kea may hold at a time; its own packet queue is far shorter. */
const maximumPendingSolicits = 4096;

/** Signed failure reports: each costs a signature, and goes to whoever the sender says it is. */
const reportRate = { source: { burst: 2, perSecond: 0.2 }, total: { burst: 50, perSecond: 20 } };

export interface WorkerEvents {
  log(severity: 0 | 1 | 2 | 3, text: string): void;
  /** A DUID was bound to a key. */
  bound(duid: Buffer): void;
  /** A DUID is no longer bound to any key. */
  unbound(duid: Buffer): void;
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

function signerOf(identity: WorkerIdentity): Signer {
  return {
    key: RecipientPrivateKey.fromKeyObject(identity.privateKey),
    chain: identity.chain.map(bufferOf),
  };
}

/** Puts one worker's packet path together. */
export function createPacketHandler(
  settings: WorkerSettings,
  now: () => number,
  events: WorkerEvents,
): PacketHandler {
  const { codePoints, policy } = settings;
  const serverIdentifier = bufferOf(settings.serverIdentifier);
  const keys = new ServerKeys(
    signerOf(settings.identity),
    settings.previous.map((identity) => RecipientPrivateKey.fromKeyObject(identity.privateKey)),
  );
  const trust = new TrustStore({
    anchors: settings.trust.anchors.map(bufferOf),
    intermediates: settings.trust.intermediates.map(bufferOf),
    crls: settings.trust.crls.map(bufferOf),
  });
  const table = KeyTable.open({
    directory: settings.stateDirectory,
    ...settings.keyTable,
    now,
    unbound: (duid) => {
      events.unbound(duid);
    },
  });
  const clients = new ClientDirectory(table, now, (duid) => {
    events.bound(duid);
  });
  const verifier = new CredentialVerifier(trust, now);
  const authenticator = new Authenticator(verifier, table, policy.timestamp, now);
  const contexts = new ContextTable(settings.maximumContexts);
  const solicits = new PendingSolicits(maximumPendingSolicits);
  const reporter = policy.reportFailures
    ? new FailureReporter(codePoints, new RateLimiter(reportRate), now)
    : undefined;
  let lastHandle = 0;
  const nextHandle = (): number => ++lastHandle;
  return new PacketHandler(
    codePoints,
    policy.solution,
    new AuthenticationHandler(
      codePoints,
      serverIdentifier,
      keys,
      authenticator,
      clients,
      solicits,
      reporter,
      nextHandle,
      now,
    ),
    new QueryHandler(
      codePoints,
      serverIdentifier,
      keys,
      contexts,
      authenticator,
      verifier,
      clients,
      policy.queryAuthentication,
      nextHandle,
    ),
    new AnswerHandler(codePoints, keys, contexts, solicits, now),
    new Blocklist(settings.blocklist),
    now,
  );
}
