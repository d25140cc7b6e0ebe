// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  kemById,
  type KemPrivateKey,
  kems,
  keyIdentifier,
  unixMillisecondsFromNtp,
} from '../../../src/crypto';
import { AnnouncementBoard, EncryptionKeySet, type KeyMaterial } from '../../../src/engine/encryption-keys';
import { encryptionKey } from '../../../src/engine/encryption-keys/encryption-key';
import { anchorsDigest } from '../../../src/engine/key-table/certification';
import type { ClientIdentity } from '../../../src/engine/key-table/client-identity';
import { KeyTable } from '../../../src/engine/key-table';
import { createPacketHandler } from '../../../src/engine/handlers/packet-handler-factory';
import type { PacketHandler } from '../../../src/engine/handlers/packet-handler';
import type { Stopwatch } from '../../../src/engine/admission/stopwatch';
import type { Datagram, ReceivedDatagram } from '../../../src/engine/packet/datagram';
import type { Verdict } from '../../../src/engine/packet/verdict';
import type { WorkerMaterial } from '../../../src/engine/clients/server-material';
import type { WorkerSettings } from '../../../src/engine/handlers/worker-protocol';
import { CookieKeys, defaultCodePoints } from '../../../src/protocol';
import { hex, vectors } from '../../crypto/support/vectors';

interface ChainVector {
  readonly private_pem: string;
  readonly spki: string;
  readonly certificate_chain_pem: string;
}

const file = vectors('protocol/keys.json') as {
  readonly trust_anchor_pem: string;
  readonly keys: Record<string, ChainVector>;
  readonly encryption_keys: Record<string, { readonly kem_id: number; readonly private: string }>;
};

/** The trust anchor of keys.json, PEM. */
export const trustAnchor = file.trust_anchor_pem;

export function derOf(pem: string): Buffer[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).raw);
}

/** A key of keys.json with its certificates. */
export function identityOf(name: string): WorkerSettings['identity'] {
  const { private_pem: pem, certificate_chain_pem: chain } = file.keys[name]!;
  return { privateKey: createPrivateKey(pem), chain: derOf(chain) };
}

/** Keys of cookies that every engine of the vectors has. */
export const cookieKeys = CookieKeys.fresh(0, (length) => Buffer.alloc(length, 7));

/** Whose encryption keys a server has. */
export interface KeyOwners {
  /** Told those of keys.json under its certificate. */
  readonly vectors?: WorkerSettings['identity'];
  /** Told new ones under theirs. */
  readonly fresh?: readonly WorkerSettings['identity'][];
}

/** Encryption keys that were made at that time and end in 2090, and keys of cookies. @param madeAt milliseconds since 1970 */
export function keyMaterialOf(madeAt: number, { vectors: owner, fresh = [] }: KeyOwners): KeyMaterial {
  const keys = new EncryptionKeySet();
  const add = ({ privateKey }: WorkerSettings['identity'], pair: KemPrivateKey): void => {
    const certificate = keyIdentifier(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
    keys.add(encryptionKey({ certificate, audience: 'clients' }, pair, madeAt, Date.UTC(2090, 0)));
  };
  for (const [name, { kem_id: kemId, private: octets }] of Object.entries(file.encryption_keys)) {
    if (name.startsWith('ek-server-') && owner !== undefined) {
      add(owner, kemById(kemId).deserializePrivateKey(hex(octets)));
    }
  }
  for (const identity of fresh) {
    kems.forEach((kem) => {
      add(identity, kem.generateKeyPair(randomBytes));
    });
  }
  cookieKeys.advance(madeAt / 1000, (length) => Buffer.alloc(length, 7));
  return { encryptionKeys: keys.serialize(), cookieKeys: cookieKeys.serialize() };
}

/** Milliseconds since 1970 of an NTP timestamp in hexadecimal. */
export function timeOf(ntp: string): number {
  return unixMillisecondsFromNtp(hex(ntp).readBigUInt64BE());
}

export interface VectorEngineOptions {
  readonly server: string;
  readonly serverIdentifier: Buffer;
  /** Milliseconds since 1970 at which its keys were made, and at first its clock's. */
  readonly now?: number;
  readonly policy?: Partial<WorkerSettings['policy']>;
  readonly blocklist?: WorkerSettings['blocklist'];
  readonly maximumContexts?: number;
  /** What work takes is measured with it. Default: none takes any time. */
  readonly stopwatch?: Stopwatch;
  /** In place of the vectors' keys and trust anchor. */
  readonly material?: Partial<WorkerMaterial>;
}

/** How a datagram comes in, by default from a client of its own in a subnet that demands nothing. */
export interface ReceivedWith {
  readonly mode?: Datagram['mode'];
  readonly source?: Buffer;
}

const address = Buffer.from('fe800000000000000000000000000001', 'hex');
const modeNumbers: Readonly<Record<Datagram['mode'], ReceivedDatagram['mode']>> = {
  off: 0,
  optional: 1,
  encrypted: 2,
  authenticated: 3,
};

/** One worker's packet path with the vectors' keys, a key table of its own and a clock that the test sets. */
export class VectorEngine {
  now = 0;
  readonly table: KeyTable;
  readonly handler: PacketHandler;
  /** What it was started with. */
  readonly trust: WorkerMaterial['trust'];
  private readonly directory = mkdtempSync(join(tmpdir(), 'engine-'));

  constructor(options: VectorEngineOptions) {
    this.now = options.now ?? 0;
    const keyTable = { maxEntries: 1000, lifetime: 604_800 };
    const clock = (): number => this.now;
    this.table = KeyTable.open({ directory: this.directory, ...keyTable, now: clock });
    const settings: WorkerSettings = {
      codePoints: defaultCodePoints,
      policy: {
        solution: 'A',
        reportFailures: false,
        timestamp: { delta: 300, fuzz: 1, drift: 0.01 },
        ...options.policy,
      },
      serverIdentifier: options.serverIdentifier,
      identity: identityOf(options.server),
      previous: [],
      offered: kems.map(({ kemId }) => kemId),
      keys: keyMaterialOf(options.now ?? 0, {
        vectors: options.material?.identity ?? identityOf(options.server),
      }),
      board: AnnouncementBoard.allocate(kems.length),
      trust: { anchors: derOf(file.trust_anchor_pem), intermediates: [], crls: [], lapsedCrls: [] },
      ...options.material,
      stateDirectory: this.directory,
      keyTable,
      blocklist: options.blocklist ?? { count: 0, window: 60, duration: 120 },
      maximumContexts: options.maximumContexts ?? 1000,
    };
    this.trust = settings.trust;
    this.handler = createPacketHandler(
      settings,
      clock,
      {
        log: (severity, text) => {
          throw new Error(`${severity} ${text}`);
        },
        failed: () => undefined,
      },
      options.stopwatch ?? (() => () => 0),
    );
  }

  /** Makes a key known, as if it had authenticated a while ago. */
  remember(name: string): void {
    const spki = hex(file.keys[name]!.spki);
    const identity: ClientIdentity = {
      keyId: keyIdentifier(spki),
      spki,
      kind: 'certificate',
      certified: undefined,
      notAfter: undefined,
      certification: { path: [Buffer.alloc(16)], anchors: anchorsDigest(this.trust.anchors) },
      hostNames: { uri: undefined, dns: undefined, commonName: undefined },
      text: name,
    };
    const long = BigInt(Math.floor(this.now / 1000) - 200 + 2_208_988_800) << 32n;
    this.table.acceptTimestamp(identity, long, long, () => 'accept');
  }

  receive(octets: Buffer, { mode = 'optional', source = address }: ReceivedWith = {}): Promise<Verdict> {
    const number = modeNumbers[mode];
    return Promise.resolve(this.handler.receive({ mode: number, interfaceIndex: 2, source, octets }));
  }

  seal(handle: number, answer: Buffer): Promise<Buffer | undefined> {
    const sealed = this.handler.send(handle, answer);
    return Promise.resolve(sealed.action === 'replace' ? sealed.octets : undefined);
  }

  async close(): Promise<void> {
    await this.table.close();
    rmSync(this.directory, { recursive: true });
  }
}
