// SPDX-License-Identifier: MPL-2.0

import {
  deriveDuid,
  ntpFromUnixMilliseconds,
  RecipientPrivateKey,
  RecipientPublicKey,
} from '../../../src/crypto';
import {
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
import { RateLimiter } from '../../../src/engine/admission/rate-limiter';
import { TimeBudget } from '../../../src/engine/admission/time-budget';
import { Authenticator } from '../../../src/engine/clients/authenticator';
import { ClientDirectory } from '../../../src/engine/clients/client-directory';
import { ContextTable } from '../../../src/engine/clients/context-table';
import { CredentialVerifier } from '../../../src/engine/clients/credential-verifier';
import { CurrentTrust } from '../../../src/engine/clients/current-trust';
import { ServerKeys } from '../../../src/engine/clients/server-keys';
import type { WorkerIdentity, WorkerMaterial } from '../../../src/engine/clients/server-material';
import { AnswerHandler } from '../../../src/engine/handlers/answer-handler';
import { AuthenticationHandler } from '../../../src/engine/handlers/authentication-handler';
import { FailureReporter } from '../../../src/engine/handlers/failure-reporter';
import { PendingSolicits } from '../../../src/engine/handlers/pending-solicits';
import { QueryHandler } from '../../../src/engine/handlers/query-handler';
import { KeyTable } from '../../../src/engine/key-table';
import { type Datagram, readDatagram } from '../../../src/engine/packet/datagram';
import type { DropReason } from '../../../src/engine/packet/drop-reasons';
import { handleSource } from '../../../src/engine/packet/handle';
import type { Replace, Reply } from '../../../src/engine/packet/verdict';
import { EndEntity } from '../../../src/pki';
import {
  defaultCodePoints,
  encodeEncryptedRequest,
  encodeSolicit,
  QuerySender,
  type Signer,
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
  readonly queryAuthentication?: 'signed' | 'address';
  readonly reportFailures?: boolean;
  /** Failures after which a source is blocked. */
  readonly failures?: number;
  readonly previous?: readonly WorkerIdentity[];
  readonly trust?: WorkerMaterial['trust'];
}

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

/**
 * The parts of one worker with real keys, certificates and a key table, and a clock that the test sets. Before each test
 * the world is new; its clients were never there.
 */
export class World {
  now = start;
  /** Runs of public-key operations for senders that had proved nothing yet. */
  operations = 0;
  readonly bound: string[] = [];
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

  query(octets: Buffer, arrival?: Arrival): Replace {
    return this.part.queries.taskFor(this.datagram(octets, arrival)).run();
  }

  request(octets: Buffer, arrival?: Arrival): Reply {
    return this.part.authentication.request(this.datagram(octets, arrival));
  }

  solicit(octets: Buffer, arrival?: Arrival): Replace {
    return this.part.authentication.solicit(this.datagram(octets, arrival));
  }

  /** Makes a client known, as of a minute ago. */
  authenticated(identity: WorkerIdentity): TestClient {
    const client = this.client(identity);
    this.now -= 60_000;
    this.request(client.request());
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
    this.bound.length = 0;
    this.parts = this.make(options);
  }

  private make({ failures = 0, ...options }: WorldOptions) {
    const now = (): number => this.now;
    const stopwatch = () => () => {
      this.operations += 1;
      return 0;
    };
    const { pki, server } = this.people;
    const table = KeyTable.open({
      directory: this.directory.path,
      maxEntries: 1000,
      lifetime: 604_800,
      now,
      bound: (duid) => this.bound.push(duid.toString('hex')),
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
      unknownSources: new TimeBudget(unlimited),
      knownSources: new TimeBudget(unlimited),
      isKnown: (source) => clients.hasAuthenticatedFrom(source),
      now,
      stopwatch,
    });
    const reports = new RateLimiter({ source: { burst: 2, perSecond: 0 }, total: endless });
    const shared = {
      codePoints: defaultCodePoints,
      serverIdentifier,
      queryAuthentication: options.queryAuthentication ?? ('signed' as const),
      keys: new ServerKeys(server, options.previous ?? []),
      contexts: new ContextTable(1000),
      admission,
      authenticator,
      clients,
      solicits: new PendingSolicits(10),
      reporter:
        options.reportFailures === true ? new FailureReporter(defaultCodePoints, reports, now) : undefined,
      nextHandle: handleSource(),
      now,
    };
    return {
      table,
      trust,
      verifier,
      blocklist,
      ...shared,
      authentication: new AuthenticationHandler(shared),
      queries: new QueryHandler(shared),
      answers: new AnswerHandler(shared),
    };
  }
}

/** What is special about a query; by default a Solicit with the derived DUID and nothing to prove who sends it. */
export interface QueryParts {
  readonly duid?: Buffer;
  /** Signed for the key that is known, or with the credential inside. */
  readonly signed?: 'key' | 'credential';
  readonly timestamp?: bigint;
  readonly options?: readonly DhcpOption[];
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

  request(timestamp = this.world.time()): Buffer {
    return encodeEncryptedRequest(defaultCodePoints, this.signer, 7, timestamp);
  }

  /** The Solicit of solution B. */
  solicit(timestamp = this.world.time(), options: readonly DhcpOption[] = []): Buffer {
    return encodeSolicit(defaultCodePoints, this.signer, 7, options, timestamp);
  }

  /** A new context with the server, or with another. */
  context(server: WorkerIdentity = this.world.people.server, identifier = serverIdentifier): TestContext {
    const { key } = EndEntity.parse(Buffer.from(server.chain[0]!));
    const sender = new QuerySender(defaultCodePoints, RecipientPublicKey.fromSpki(key.spki), identifier);
    return new TestContext(this.world, this, sender);
  }

  /** A context that the server has opened. */
  opened(): TestContext {
    const context = this.context();
    this.world.query(context.query({ signed: 'credential' }));
    this.world.now += 1000;
    return context;
  }
}

/** The client's side of one context. */
export class TestContext {
  constructor(
    private readonly world: World,
    private readonly client: TestClient,
    private readonly sender: QuerySender,
  ) {}

  query({ duid = this.client.duid, signed, timestamp, options = [] }: QueryParts = {}): Buffer {
    const message = {
      msgType: MessageType.Solicit,
      transactionId: 7,
      options: [{ code: OptionCode.ClientIdentifier, data: duid }, ...options],
    };
    const signing = {
      signer: this.client.signer,
      timestamp: timestamp ?? this.world.time(),
      includeCredential: signed === 'credential',
    };
    return this.sender.seal(message, signed && signing);
  }

  /** The inner message of a response. */
  open(response: Buffer): ReturnType<QuerySender['openResponse']> {
    return this.sender.openResponse(unwrapRelay(response).message, this.client.signer.key, 7);
  }
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
