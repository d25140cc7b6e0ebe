// SPDX-License-Identifier: MPL-2.0

import { Admission } from '../admission/admission';
import { AnswerHandler } from './answer-handler';
import { AuthenticationHandler } from './authentication-handler';
import { Authenticator } from '../clients/authenticator';
import { Blocklist } from '../admission/blocklist';
import { ClientDirectory } from '../clients/client-directory';
import { ContextTable } from '../clients/context-table';
import { CredentialVerifier } from '../clients/credential-verifier';
import { CurrentTrust } from '../clients/current-trust';
import { FailureReporter } from './failure-reporter';
import { KeyTable } from '../key-table';
import { PacketMetrics } from '../metrics';
import { handleSource } from '../packet/handle';
import { PacketHandler } from './packet-handler';
import { PendingSolicits } from './pending-solicits';
import { QueryHandler } from './query-handler';
import { RateLimiter } from '../admission/rate-limiter';
import { ServerKeys } from '../clients/server-keys';
import { bufferOf } from '../clients/server-material';
import { type Stopwatch, workStopwatch } from '../admission/stopwatch';
import { TimeBudget } from '../admission/time-budget';
import { WorkerAdministration } from './worker-administration';
import type { WorkerSettings } from './worker-protocol';

/** Solicits that Kea may hold at a time; its own packet queue is far shorter. */
const MAX_PENDING_SOLICITS = 4096;

/** Signed failure reports: each costs a signature, and goes to the address that the sender says it has. */
const reportRate = { source: { burst: 2, perSecond: 0.2 }, total: { burst: 50, perSecond: 20 } };

const unlimited = { burst: Number.MAX_SAFE_INTEGER, perSecond: 0 };

/**
 * Attempts of one source that have not succeeded: a client whose answers are lost tries some ten times in the first
 * minutes (RFC 8415 section 7.6), and several may be behind one address. What fails is the blocklist's business; this
 * is for what does not, as a new bare key with each message. Where the blocklist is off, sources are not told apart.
 */
const attemptsOfSource = { burst: 20, perSecond: 2 };

/**
 * Milliseconds of each second that a worker spends at most on public-key operations for senders who have proved nothing
 * yet: a quarter for unknown sources, and somewhat more for those that clients are known from, which a flood from
 * elsewhere does not touch. The rest is for open contexts, whose messages cost some fifty microseconds each, and for Kea,
 * which shares the processors. With P-256 an unknown sender costs a quarter of a millisecond where its signature is wrong,
 * and one where it is right. A flood by one link leaves the others of its relay a quarter of what the relay may take, a flood by
 * one relay leaves a fifth of all to the other relays.
 */
const timeOfUnknownSources = { total: 250, origin: 200, link: 150 };
const timeOfKnownSources = { total: 300, origin: 250, link: 200 };

export interface WorkerEvents {
  log(severity: 0 | 1 | 2 | 3, text: string): void;
  /** A DUID was bound to a key. */
  bound(duid: Buffer): void;
  /** A DUID is no longer bound to any key. */
  unbound(duid: Buffer): void;
  /** A message of this source has failed, in a way that counts against it. */
  failed(source: string): void;
}

/**
 * Puts one worker's packet path together.
 * @param now milliseconds since 1970
 * @param stopwatch measures what public-key operations take
 */
export function createPacketHandler(
  settings: WorkerSettings,
  now: () => number,
  events: WorkerEvents,
  stopwatch: Stopwatch = workStopwatch,
): PacketHandler {
  const { codePoints, policy } = settings;
  const keys = new ServerKeys(settings.identity, settings.previous);
  const trust = new CurrentTrust(settings.trust);
  const table = KeyTable.open({
    directory: settings.stateDirectory,
    ...settings.keyTable,
    now,
    bound: (duid) => {
      events.bound(duid);
    },
    unbound: (duid) => {
      events.unbound(duid);
    },
  });
  const clients = new ClientDirectory(table, trust, now, policy.hostIdentifier);
  const verifier = new CredentialVerifier(trust, now);
  const authenticator = new Authenticator({ verifier, table, rules: policy.timestamp, now });
  const contexts = new ContextTable(settings.maximumContexts);
  const solicits = new PendingSolicits(MAX_PENDING_SOLICITS);
  const reporter = policy.reportFailures
    ? new FailureReporter(codePoints, new RateLimiter(reportRate), now)
    : undefined;
  const blocklist = new Blocklist(settings.blocklist);
  const admission = new Admission({
    blocklist,
    attempts: new RateLimiter({
      source: settings.blocklist.count === 0 ? unlimited : attemptsOfSource,
      total: unlimited,
    }),
    unknownSources: new TimeBudget(timeOfUnknownSources),
    knownSources: new TimeBudget(timeOfKnownSources),
    isKnown: (source) => clients.hasAuthenticatedFrom(source),
    now,
    stopwatch,
  });
  const metrics = new PacketMetrics();
  const shared = {
    codePoints,
    serverIdentifier: bufferOf(settings.serverIdentifier),
    queryAuthentication: policy.queryAuthentication,
    keys,
    contexts,
    admission,
    authenticator,
    clients,
    solicits,
    reporter,
    nextHandle: handleSource(),
    now,
  };
  return new PacketHandler({
    codePoints,
    solution: policy.solution,
    authentication: new AuthenticationHandler(shared),
    queries: new QueryHandler(shared),
    answers: new AnswerHandler(shared),
    blocklist,
    administration: new WorkerAdministration(contexts, blocklist, metrics, now),
    metrics,
    adopt: (material) => {
      trust.replace(material.trust);
      keys.replace(material.identity, material.previous);
      contexts.removeWhere(({ recipient, client }) => !keys.holds(recipient) || !trust.vouchesFor(client));
    },
    failed: (source) => {
      events.failed(source);
    },
    now,
  });
}
