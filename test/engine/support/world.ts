// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import {
  deriveDuid,
  kemById,
  type KemPublicKey,
  kems,
  ntpFromUnixMilliseconds,
  RecipientPrivateKey,
} from '../../../src/crypto';
import {
  decodeMessage,
  type DhcpOption,
  encodeMessage,
  encodeRelay,
  MessageType,
  OptionCode,
  parseIpv6,
  unwrapRelay,
} from '../../../src/dhcpv6';
import { Admission } from '../../../src/engine/admission/admission';
import { Blocklist } from '../../../src/engine/admission/blocklist';
import { limitNames } from '../../../src/engine/admission/limit-names';
import { RateLimiter } from '../../../src/engine/admission/rate-limiter';
import { TimeBudget } from '../../../src/engine/admission/time-budget';
import { Authenticator } from '../../../src/engine/clients/authenticator';
import { ClientDirectory } from '../../../src/engine/clients/client-directory';
import { ContextTable } from '../../../src/engine/clients/context-table';
import { CredentialVerifier } from '../../../src/engine/clients/credential-verifier';
import { CurrentTrust } from '../../../src/engine/clients/current-trust';
import { ServerKeys } from '../../../src/engine/clients/server-keys';
import type { WorkerIdentity, WorkerMaterial } from '../../../src/engine/clients/server-material';
import { AnnouncementBoard, EncryptionKeySet } from '../../../src/engine/encryption-keys';
import { encryptionKey } from '../../../src/engine/encryption-keys/encryption-key';
import { AnswerHandler } from '../../../src/engine/handlers/answer-handler';
import { Announcer } from '../../../src/engine/handlers/announcer';
import { FailureReporter } from '../../../src/engine/handlers/failure-reporter';
import { PendingSolicits } from '../../../src/engine/handlers/pending-solicits';
import { QueryHandler } from '../../../src/engine/handlers/query-handler';
import { RequestHandler } from '../../../src/engine/handlers/request-handler';
import { Senders } from '../../../src/engine/handlers/senders';
import { SolicitHandler } from '../../../src/engine/handlers/solicit-handler';
import { KeyTable } from '../../../src/engine/key-table';
import { type Datagram, readDatagram } from '../../../src/engine/packet/datagram';
import type { DropReason } from '../../../src/engine/packet/drop-reasons';
import { handleSource } from '../../../src/engine/packet/handle';
import type { Replace, Reply } from '../../../src/engine/packet/verdict';
import {
  CookieKeys,
  decodeServerAnswer,
  defaultCodePoints,
  encodeEncryptedRequest,
  encodeSolicit,
  KemId,
  QueryContext,
  type Retry,
  type SignedAnswer,
  type Signer,
  UNLIMITED_LIFETIME,
} from '../../../src/protocol';
import { TestDirectory } from '../../support/test-directory';
import { IssuedPki, serverIdentifier } from './issued';

export const start = Date.UTC(2026, 5, 1);

/** An authority and whom it has certified, made once for a file of tests; `mallory` is another authority's. */
export interface Cast {
  readonly pki: IssuedPki;
  readonly server: WorkerIdentity;
  readonly alice: WorkerIdentity;
  readonly bob: WorkerIdentity;
  readonly mallory: WorkerIdentity;
  /** A key without a certificate. */
  readonly bare: WorkerIdentity;
}

async function makeCast(): Promise<Cast> {
  const pki = await IssuedPki.create(start);
  const other = await IssuedPki.create(start, 'CN=other');
  return {
    pki,
    server: await pki.issue('server', 'server'),
    alice: await pki.issue('client', 'alice'),
    bob: await pki.issue('client', 'bob'),
    mallory: await other.issue('client', 'mallory'),
    bare: { ...(await pki.issue('client', 'bare')), chain: [] },
  };
}

export interface WorldOptions {
  readonly solution?: 'A' | 'B';
  readonly reportFailures?: boolean;
  /** Failures after which a source is blocked. */
  readonly failures?: number;
  /** In place of the cast's. */
  readonly server?: WorkerIdentity;
  readonly trust?: WorkerMaterial['trust'];
  /** kem_ids; all by default. */
  readonly offered?: readonly number[];
  readonly maximumContexts?: number;
}

/** What may be asked for without a cookie (docs/protocol.md 7). */
export const ANNOUNCEMENTS = 3;

/** How a datagram comes in: directly, or in a Relay-forward with these options. */
export interface Arrival {
  readonly mode?: Datagram['mode'];
  readonly from?: string;
  readonly relayOptions?: readonly DhcpOption[];
}

/** The error of a refusal, by its drop reason. */
export function refusal(code: DropReason): Error {
  return expect.objectContaining({ code }) as Error;
}

/** X25519 keys of small order, and other readings of them: with none of them anybody agrees on anything but zeros (RFC 7748 section 6.1). */
export const keysWithoutAgreement = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
] as const;

/**
 * The parts of one worker with real keys, certificates and a key table, and a clock that the test sets. Before each test
 * the world is new; its clients were never there.
 */
export class World {
  now = start;
  /** Runs of public-key operations for senders that had proved nothing yet. */
  operations = 0;
  private parts: ReturnType<World['make']> | undefined;
  private cast: Cast | undefined;

  private constructor(private readonly directory: TestDirectory) {}

  /** The one of a file of tests. */
  static forEachTest(options: WorldOptions = {}): World {
    const world = new World(TestDirectory.forEachTest());
    beforeAll(async () => {
      world.cast = await makeCast();
    });
    beforeEach(() => world.begin(options));
    afterEach(() => world.parts?.table.close());
    return world;
  }

  /** Begins anew with other options; the key table stays. */
  async restart(options: WorldOptions): Promise<void> {
    await this.parts?.table.close();
    this.parts = this.make(options);
  }

  get people(): Cast {
    return this.cast!;
  }

  get part(): ReturnType<World['make']> {
    return this.parts!;
  }

  /** The present as an NTP timestamp. @param offset milliseconds */
  time(offset = 0): bigint {
    return ntpFromUnixMilliseconds(this.now + offset);
  }

  client(identity: WorkerIdentity): TestClient {
    return new TestClient(this, identity);
  }

  datagram(octets: Buffer, { mode = 'optional', from = 'fe80::1', relayOptions }: Arrival = {}): Datagram {
    const relayed = (options: readonly DhcpOption[]): Buffer =>
      encodeRelay({
        msgType: MessageType.RelayForward,
        hopCount: 0,
        linkAddress: parseIpv6('2001:db8:1::1'),
        peerAddress: parseIpv6(from),
        options: [...options, { code: OptionCode.RelayMessage, data: octets }],
      });
    const received = {
      mode: 0,
      interfaceIndex: 2,
      source: parseIpv6(from),
      octets: relayOptions === undefined ? octets : relayed(relayOptions),
    } as const;
    return { ...readDatagram(received, defaultCodePoints), mode };
  }

  /** What becomes of a query that is to be served. */
  query(octets: Buffer, arrival?: Arrival): Replace {
    const verdict = this.answerTo(octets, arrival);
    if (verdict.action !== 'replace') {
      throw new Error(`not served: ${verdict.text}`);
    }
    return verdict;
  }

  /** What becomes of any query. */
  answerTo(octets: Buffer, arrival?: Arrival): Replace | Reply {
    return this.part.queries.taskFor(this.datagram(octets, arrival)).run();
  }

  request(octets: Buffer, arrival?: Arrival): Reply {
    return this.part.requests.handle(this.datagram(octets, arrival));
  }

  solicit(octets: Buffer, arrival?: Arrival): Replace {
    const verdict = this.solicitAnswer(octets, arrival);
    if (verdict.action !== 'replace') {
      throw new Error(`not served: ${verdict.text}`);
    }
    return verdict;
  }

  solicitAnswer(octets: Buffer, arrival?: Arrival): Replace | Reply {
    return this.part.solicits.handle(this.datagram(octets, arrival));
  }

  /** A cookie for what arrives so. */
  cookie(arrival?: Arrival): Buffer {
    const message = decodeMessage(Buffer.of(1, 0, 0, 7));
    return this.part.senders.receive(this.datagram(Buffer.of(1), arrival), { message, cookie: undefined })
      .addressee.cookie;
  }

  /** Blocks a source, as failures of what arrives so do. @param cookie that they came with */
  block(arrival?: Arrival, cookie?: Buffer): void {
    const { senders, blocklist } = this.part;
    for (const { name, factor } of limitNames(
      senders.senderOf(this.datagram(Buffer.of(1), arrival), cookie),
    )) {
      [1, 2, 3].forEach(() => {
        blocklist.fail(name, this.now, factor);
      });
    }
  }

  /** The server's newest key of a KEM. */
  encryptionKey(kemId: number = KemId.X25519): KemPublicKey {
    const scope = { certificate: this.part.keys.signer.key.public.keyId, audience: 'clients' } as const;
    return this.part.encryptionKeys.told(scope, kemId, this.now)!.publicKey;
  }

  /** Makes a client known, as of a minute ago. */
  authenticated(identity: WorkerIdentity): TestClient {
    const client = this.client(identity);
    this.now -= 60_000;
    this.request(client.shown());
    this.now += 60_000;
    return client;
  }

  /** What is recorded of a client's timestamps; undefined where it is not known. */
  lastTimestamp(client: TestClient): bigint | undefined {
    return this.part.table.timestamps(client.keyId)?.last?.timestamp;
  }

  private begin(options: WorldOptions): void {
    this.now = start;
    this.operations = 0;
    this.parts = this.make(options);
  }

  private make({ failures = 0, solution = 'A', ...options }: WorldOptions) {
    const now = (): number => this.now;
    const stopwatch = () => () => {
      this.operations += 1;
      return 0;
    };
    const { pki } = this.people;
    const offered = options.offered ?? kems.map(({ kemId }) => kemId);
    const table = KeyTable.open({
      directory: this.directory.path,
      maxEntries: 1000,
      lifetime: 604_800,
      now,
    });
    const trust = new CurrentTrust(options.trust ?? pki.trust());
    const verifier = new CredentialVerifier(trust, now);
    const clients = new ClientDirectory(table, trust, now);
    const authenticator = new Authenticator({
      verifier,
      table,
      rules: { delta: 300, fuzz: 1, drift: 0.01 },
      now,
    });
    const blocklist = new Blocklist({ count: failures, window: 60, duration: 120 });
    const endless = { burst: 1e9, perSecond: 0 };
    const unlimited = { total: 1e9, origin: 1e9, link: 1e9 };
    const admission = new Admission({
      blocklist,
      attempts: new RateLimiter({ source: { burst: 5, perSecond: 0 }, total: endless }),
      anybody: new TimeBudget(unlimited),
      reachable: new TimeBudget(unlimited),
      now,
      stopwatch,
    });
    const keys = new ServerKeys(options.server ?? this.people.server);
    const encryptionKeys = new EncryptionKeySet();
    const scope = { certificate: keys.signer.key.public.keyId, audience: 'clients' } as const;
    for (const kemId of offered) {
      const pair = kemById(kemId).generateKeyPair(randomBytes);
      encryptionKeys.add(encryptionKey(scope, pair, start - day, start + 200 * day));
    }
    const common = {
      codePoints: defaultCodePoints,
      solution,
      serverIdentifier,
      offered,
      encryptionKeys,
      now,
    };
    const board = new AnnouncementBoard(AnnouncementBoard.allocate(kems.length));
    const shared = {
      ...common,
      keys,
      announcer: new Announcer({ ...common, keys, board }),
      senders: new Senders(CookieKeys.fresh(start / 1000, randomBytes), now),
      contexts: new ContextTable(options.maximumContexts ?? 1000),
      admission,
      authenticator,
      clients,
      solicits: new PendingSolicits(10),
      announcements: new RateLimiter({ source: endless, total: { burst: ANNOUNCEMENTS, perSecond: 0 } }),
      nextHandle: handleSource(),
    };
    return {
      table,
      trust,
      verifier,
      blocklist,
      ...shared,
      requests: new RequestHandler(shared),
      solicits: new SolicitHandler(shared),
      queries: new QueryHandler(shared),
      answers: new AnswerHandler(shared),
      reporter: new FailureReporter({
        ...shared,
        limiter: new RateLimiter({ source: { burst: 2, perSecond: 0 }, total: { burst: 8, perSecond: 0 } }),
        reportsFailures: options.reportFailures ?? true,
      }),
    };
  }
}

const day = 86_400_000;

/** What is special about a client's request; by default its list is X25519 alone. */
export interface RequestParts {
  readonly kemList?: readonly number[];
  readonly timestamp?: bigint;
  readonly cookie?: Buffer | undefined;
  /** Of a Solicit, beside those of the protocol. */
  readonly options?: readonly DhcpOption[];
  /** Of a Solicit: the client's; by default a new one of the first KEM of the list. */
  readonly encryptionKey?: { readonly kemId: number; readonly publicKey: Buffer };
}

/** What is special about a query; by default a Solicit with the derived DUID. */
export interface QueryParts {
  readonly duid?: Buffer;
  readonly msgType?: number;
  readonly timestamp?: bigint;
  readonly options?: readonly DhcpOption[];
  readonly cookie?: Buffer | undefined;
  /** Of an opening query: whether its credential is inside. Default: it is. */
  readonly isShown?: boolean;
}

/** Octets of a client's messages. */
export class TestClient {
  readonly signer: Signer;

  constructor(
    private readonly world: World,
    { privateKey, chain }: WorkerIdentity,
  ) {
    this.signer = {
      key: RecipientPrivateKey.fromKeyObject(privateKey),
      chain: chain.map((der) => Buffer.from(der)),
    };
  }

  get keyId(): Buffer {
    return this.signer.key.public.keyId;
  }

  /** Derived from the key. */
  get duid(): Buffer {
    return deriveDuid(this.signer.key.public.spki);
  }

  /** The Encrypted-Request that shows nothing. */
  plain({ kemList = [KemId.X25519], cookie }: RequestParts = {}): Buffer {
    return encodeEncryptedRequest(defaultCodePoints, { transactionId: 7, kemList, cookie });
  }

  /** The draft's Encrypted-Request. */
  shown({ kemList = [KemId.X25519], cookie, timestamp = this.world.time() }: RequestParts = {}): Buffer {
    const request = { transactionId: 7, kemList, cookie };
    return encodeEncryptedRequest(defaultCodePoints, request, { signer: this.signer, timestamp });
  }

  /** The Solicit of solution B. */
  solicit({
    kemList = [KemId.X25519],
    cookie,
    timestamp,
    options = [],
    encryptionKey,
  }: RequestParts = {}): Buffer {
    const own = this.ownKey(kemList[0]);
    const key = encryptionKey ?? { kemId: own.public.kemId, publicKey: own.public.octets };
    const request = {
      transactionId: 7,
      kemList,
      cookie,
      options,
      encryptionKey: { ...key, lifetime: UNLIMITED_LIFETIME },
    };
    return encodeSolicit(defaultCodePoints, request, {
      signer: this.signer,
      timestamp: timestamp ?? this.world.time(),
    });
  }

  /** The Encryption Key of its last Solicit or context. */
  own = kemById(KemId.X25519).generateKeyPair(randomBytes);

  /** Octets of the Encryption Key that it shows, instead of those of its own. */
  shownKey: Buffer | undefined;

  private ownKey(kemId: number = KemId.X25519) {
    this.own = kemById(kemId).generateKeyPair(randomBytes);
    if (this.shownKey !== undefined) {
      const shown = kemById(kemId).deserializePublicKey(this.shownKey);
      this.own = Object.create(this.own, { public: { value: shown } }) as typeof this.own;
    }
    return this.own;
  }

  /** A new context with the server. */
  context({
    kemId,
    recipient,
    identifier,
    contextIdentifier = randomBytes(16),
  }: ContextParts = {}): TestContext {
    const encryptionKey = recipient ?? this.world.encryptionKey(kemId);
    const serverKeyId = this.world.part.keys.signer.key.public.keyId;
    const context = new QueryContext(
      defaultCodePoints,
      { serverIdentifier: identifier ?? serverIdentifier, serverKeyId, encryptionKey },
      { own: this.ownKey(encryptionKey.kemId), clientKeyId: this.keyId, contextIdentifier },
    );
    return new TestContext(this.world, this, context);
  }

  /** A context in which the client has had an answer. */
  opened(parts: ContextParts & { readonly arrival?: Arrival } = {}): TestContext {
    const context = this.context(parts);
    context.open(
      this.world.part.answers.seal(this.world.query(context.opening(), parts.arrival).handle, answer())
        .octets,
    );
    this.world.now += 1000;
    return context;
  }
}

export interface ContextParts {
  readonly kemId?: number;
  /** Another key than the server's. */
  readonly recipient?: KemPublicKey;
  /** Another server's DUID. */
  readonly identifier?: Buffer;
  readonly contextIdentifier?: Buffer;
}

/** The client's side of one context. */
export class TestContext {
  constructor(
    private readonly world: World,
    private readonly client: TestClient,
    private readonly context: QueryContext,
  ) {}

  /** The query that opens it. */
  opening({ isShown = true, timestamp, cookie, ...parts }: QueryParts = {}): Buffer {
    const signing = {
      signer: this.client.signer,
      timestamp: timestamp ?? this.world.time(),
      includeCredential: isShown,
    };
    return this.context.open(this.message(parts), signing, cookie);
  }

  /** A query that proves nothing; with enc until a response was opened. */
  query({ cookie, ...parts }: QueryParts = {}): Buffer {
    return this.context.seal(this.message(parts), cookie);
  }

  /** As if all queries had been sent but so many. */
  leave(count: number): void {
    Object.assign(this.context['sealing']['context'], { sequence: 2 ** 32 - 1 - count });
  }

  /** The inner message of a response. */
  open(response: Buffer): ReturnType<QueryContext['openResponse']> {
    return this.context.openResponse(unwrapRelay(response).message, 7);
  }

  private message({ duid = this.client.duid, msgType = MessageType.Solicit, options = [] }: QueryParts) {
    return { msgType, transactionId: 7, options: [identified(duid), ...options] };
  }
}

/** What a server has answered in clear. */
export function answered({ octets }: { readonly octets: Buffer }): SignedAnswer | Retry {
  const { message } = unwrapRelay(octets);
  const isReply = message[0] === defaultCodePoints.messageTypes['encrypted-reply'];
  return decodeServerAnswer(defaultCodePoints, isReply ? 'encrypted-reply' : 'encrypted-response', message);
}

/** The same, where it is signed. */
export function announced(verdict: { readonly octets: Buffer }): SignedAnswer {
  const decoded = answered(verdict);
  if (decoded.kind === 'retry') {
    throw new Error('a Retry');
  }
  return decoded;
}

/** Kea's answer. */
export function answer(options: readonly DhcpOption[] = [], msgType: number = MessageType.Reply): Buffer {
  return encodeMessage({ msgType, transactionId: 7, options });
}

/** A Client Identifier option. */
export function identified(duid: Buffer): DhcpOption {
  return { code: OptionCode.ClientIdentifier, data: duid };
}

/** The octets with one bit of the octet at `at` turned; below zero it counts from the end. */
export function altered(octets: Buffer, at: number): Buffer {
  const copy = Buffer.from(octets);
  const index = at < 0 ? copy.length + at : at;
  copy[index] = copy[index]! ^ 1;
  return copy;
}
