// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { kemById, kems, RecipientPrivateKey } from '../../../src/crypto';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { AnnouncementBoard, EncryptionKeySet } from '../../../src/engine/encryption-keys';
import { encryptionKey } from '../../../src/engine/encryption-keys/encryption-key';
import type { PacketHandler } from '../../../src/engine/handlers/packet-handler';
import { createPacketHandler } from '../../../src/engine/handlers/packet-handler-factory';
import type { WorkerSettings } from '../../../src/engine/handlers/worker-protocol';
import { KeyTable } from '../../../src/engine/key-table';
import type { Verdict } from '../../../src/engine/packet/verdict';
import { CookieKeys, defaultCodePoints, KemId } from '../../../src/protocol';
import { IssuedPki, type RawEngine, RawClient, serverIdentifier } from './issued';

/** Contexts opened before the measurement: code is compiled, and what all contexts share is there. */
const WARM_UP = 500;

export interface ContextMemory {
  readonly contexts: number;
  /** Octets of each: JavaScript's heap, and what its objects hold beside it. */
  readonly octets: number;
  /** To be called when nothing more is measured: what it lets go would be taken off the next figure. */
  readonly close: () => void;
}

/** One worker's packet path, with encryption keys, a key table in a new directory and a clock that stands still. */
class Engine implements RawEngine {
  private readonly directory = mkdtempSync(join(tmpdir(), 'ke-contexts-'));
  readonly handler: PacketHandler;

  constructor(
    public now: number,
    pki: IssuedPki,
    server: WorkerIdentity,
    max: number,
  ) {
    const keyTable = { maxEntries: max, lifetime: 604_800 };
    const clock = (): number => this.now;
    void KeyTable.open({ directory: this.directory, ...keyTable, now: clock });
    const encryptionKeys = new EncryptionKeySet();
    const certificate = RecipientPrivateKey.fromKeyObject(server.privateKey).public.keyId;
    const pair = kemById(KemId.X25519).generateKeyPair(randomBytes);
    const day = 86_400_000;
    encryptionKeys.add(encryptionKey({ certificate, audience: 'clients' }, pair, now - day, now + day));
    const settings: WorkerSettings = {
      codePoints: defaultCodePoints,
      policy: { solution: 'A', reportFailures: false, timestamp: { delta: 300, fuzz: 1, drift: 0.01 } },
      serverIdentifier,
      identity: server,
      previous: [],
      offered: [KemId.X25519],
      keys: {
        encryptionKeys: encryptionKeys.serialize(),
        cookieKeys: CookieKeys.fresh(now / 1000, randomBytes).serialize(),
      },
      board: AnnouncementBoard.allocate(kems.length),
      trust: pki.trust(),
      stateDirectory: this.directory,
      keyTable,
      blocklist: { count: 0, window: 60, duration: 120 },
      maximumContexts: max,
    };
    const ignore = (): void => undefined;
    const events = { log: ignore, failed: ignore };
    this.handler = createPacketHandler(settings, clock, events, () => () => 0);
  }

  receive(octets: Buffer, { source }: { readonly source: Buffer }): Promise<Verdict> {
    return Promise.resolve(this.handler.receive({ mode: 1, interfaceIndex: 2, source, octets }));
  }

  seal(handle: number, answer: Buffer): Promise<Buffer | undefined> {
    const sealed = this.handler.send(handle, answer);
    return Promise.resolve(sealed.action === 'replace' ? sealed.octets : undefined);
  }

  get contexts(): number {
    return this.handler.administration.answer({ topic: 'counts' }).contexts;
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }
}

/**
 * Opens contexts as clients with certificates do, each with two queries and their answers, and tells what the engine
 * keeps of each. The clients themselves are gone by then.
 * @param perClient contexts that each client has open, at most 16
 */
export async function contextMemory(count: number, perClient: number): Promise<ContextMemory> {
  const now = Date.UTC(2026, 5, 1);
  const pki = await IssuedPki.create(now);
  const engine = new Engine(now, pki, await pki.issue('server', 'server'), count + WARM_UP);
  // Beforehand, and kept: what certificates leave behind where they are made is not the engine's.
  const clients = await issueClients(pki, Math.ceil((count + WARM_UP) / perClient));
  const turn = (context: number): WorkerIdentity => clients[Math.floor(context / perClient)]!;
  for (let context = 0; context < WARM_UP; context += 1) {
    await openContext(engine, turn(context));
  }
  const before = await used();
  for (let context = WARM_UP; context < WARM_UP + count; context += 1) {
    await openContext(engine, turn(context));
  }
  const octets = ((await used()) - before) / count;
  const close = (): void => {
    engine.close();
  };
  return { contexts: engine.contexts - WARM_UP, octets, close };
}

async function issueClients(pki: IssuedPki, count: number): Promise<WorkerIdentity[]> {
  const clients: WorkerIdentity[] = [];
  while (clients.length < count) {
    clients.push(await pki.issue('client', `client-${clients.length}.example.net`));
  }
  return clients;
}

async function openContext(engine: Engine, identity: WorkerIdentity): Promise<void> {
  const client = new RawClient(engine, identity);
  const isServed =
    (await client.answer(await client.open({ isShown: true }))) &&
    (await client.answer(await client.query()));
  if (!isServed) {
    throw new Error('a context was not served');
  }
}

/** Octets in use once nothing is left to be collected. */
async function used(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // The key table's timers hold what they are for; this one is as long as they are, and fires after them.
  await setTimeout(0);
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
