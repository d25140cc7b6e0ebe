// SPDX-License-Identifier: MPL-2.0

import { Admission } from '../admission/admission';
import type { LimitName } from '../admission/limit-names';
import { AnswerHandler } from './answer-handler';
import { Announcer } from './announcer';
import { AnnouncementBoard, EncryptionKeySet, type KeyMaterial } from '../encryption-keys';
import { CookieKeys } from '../../protocol';
import { RequestHandler } from './request-handler';
import { Senders } from './senders';
import { SolicitHandler } from './solicit-handler';
import { Authenticator } from '../clients/authenticator';
import { Blocklist } from '../admission/blocklist';
import { ClientDirectory } from '../clients/client-directory';
import { ContextTable } from '../clients/context-table';
import type { OwnRecipient } from '../clients/server-context';
import { CredentialVerifier } from '../clients/credential-verifier';
import { CurrentTrust } from '../clients/current-trust';
import { FailureReporter } from './failure-reporter';
import { LiteralHandler } from './literal-handler';
import { LiteralQueries } from './literal-queries';
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
 * yet: a quarter for those without a verified cookie, and somewhat more for those with one, which a flood from forged
 * addresses does not touch. The rest is for open contexts, whose messages cost some fifty microseconds each, and for Kea,
 * which shares the processors. With P-256 a sender costs a quarter of a millisecond where its signature is wrong, and one
 * where it is right. A flood by one link leaves the others of its relay a quarter of what the relay may take, a flood by
 * one relay leaves a fifth of all to the other relays.
 */
const timeOfAnybody = { total: 250, origin: 200, link: 150 };
const timeOfReachable = { total: 300, origin: 250, link: 200 };

/** Announcements a second for senders without a verified cookie: each costs some microseconds, and no signature. */
const announcementRate = { burst: 2000, perSecond: 2000 };

export interface WorkerEvents {
  log(severity: 0 | 1 | 2 | 3, text: string): void;
  /** A message of this source has failed, in a way that counts against it. */
  failed(names: readonly LimitName[]): void;
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
  const { codePoints, policy, offered } = settings;
  const { solution } = policy;
  const keys = new ServerKeys(settings.identity);
  const trust = new CurrentTrust(settings.trust);
  const table = KeyTable.open({ directory: settings.stateDirectory, ...settings.keyTable, now });
  const clients = new ClientDirectory(table, trust, now, policy.hostIdentifier);
  const verifier = new CredentialVerifier(trust, now);
  const blocklist = new Blocklist(settings.blocklist);
  const encryptionKeys = new EncryptionKeySet();
  encryptionKeys.load(bufferOf(settings.keys.encryptionKeys));
  const contexts = new ContextTable(settings.maximumContexts);
  const metrics = new PacketMetrics();
  const serverIdentifier = bufferOf(settings.serverIdentifier);
  const shared = {
    codePoints,
    solution,
    serverIdentifier,
    offered,
    encryptionKeys,
    contexts,
    clients,
    announcer: new Announcer({
      codePoints,
      solution,
      serverIdentifier,
      keys,
      encryptionKeys,
      offered,
      board: new AnnouncementBoard(settings.board),
      now,
    }),
    senders: new Senders(cookieKeysOf(settings.keys), now),
    admission: new Admission({
      blocklist,
      attempts: new RateLimiter({
        source: settings.blocklist.count === 0 ? unlimited : attemptsOfSource,
        total: unlimited,
      }),
      anybody: new TimeBudget(timeOfAnybody),
      reachable: new TimeBudget(timeOfReachable),
      now,
      stopwatch,
    }),
    authenticator: new Authenticator({ verifier, table, rules: policy.timestamp, now }),
    announcements: new RateLimiter({ source: unlimited, total: announcementRate }),
    solicits: new PendingSolicits(MAX_PENDING_SOLICITS),
    nextHandle: handleSource(),
    now,
  };
  const literal = policy.draftLiteral === true ? new LiteralHandler({ ...shared, keys }) : undefined;
  const literalQueries =
    policy.draftLiteral === true ? new LiteralQueries(codePoints, clients, settings) : undefined;
  return new PacketHandler({
    codePoints,
    solution,
    literal,
    senders: shared.senders,
    requests: new RequestHandler({ ...shared, literal: literalQueries }),
    solicits: new SolicitHandler({ ...shared, literal: literalQueries }),
    queries: new QueryHandler({ ...shared, literal: literalQueries }),
    answers: new AnswerHandler(shared),
    reporter: new FailureReporter({
      ...shared,
      literal,
      limiter: new RateLimiter(reportRate),
      reportsFailures: policy.reportFailures,
    }),
    blocklist,
    administration: new WorkerAdministration(contexts, blocklist, metrics, now),
    metrics,
    adopt: (material) => {
      trust.replace(material.trust);
      keys.replace(material.identity);
      const gone = literalQueries?.replace(material) ?? [];
      contexts.removeWhere(({ client, recipient }) => !trust.vouchesFor(client) || gone.includes(recipient));
    },
    adoptKeys: (material) => {
      shared.senders.replaceKeys(cookieKeysOf(material));
      const erased = new Set<OwnRecipient>(encryptionKeys.load(bufferOf(material.encryptionKeys)));
      contexts.removeWhere(({ recipient }) => erased.has(recipient));
    },
    failed: (names) => {
      events.failed(names);
    },
    now,
  });
}

/** @throws RangeError for what no CookieKeys has given */
function cookieKeysOf({ cookieKeys }: KeyMaterial): CookieKeys {
  const keys = CookieKeys.deserialize(bufferOf(cookieKeys));
  if (keys === undefined) {
    throw new RangeError('these are no keys of cookies');
  }
  return keys;
}
