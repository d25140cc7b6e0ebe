// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveDuid, keyIdentifier, unixMillisecondsFromNtp } from '../../../src/crypto';
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
import { defaultCodePoints } from '../../../src/protocol';
import { hex, keyVectors, vectors } from '../../crypto/support/vectors';

interface ChainVector {
  readonly private_pem: string;
  readonly certificate_chain_pem: string;
}

const file = vectors('protocol/keys.json') as {
  readonly trust_anchor_pem: string;
  readonly keys: Record<string, ChainVector>;
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

/** Milliseconds since 1970 of an NTP timestamp in hexadecimal. */
export function timeOf(ntp: string): number {
  return unixMillisecondsFromNtp(hex(ntp).readBigUInt64BE());
}

export interface VectorEngineOptions {
  readonly server: string;
  readonly serverIdentifier: Buffer;
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
  readonly bound: Buffer[] = [];
  readonly table: KeyTable;
  readonly handler: PacketHandler;
  private readonly anchors: readonly Uint8Array[];
  private readonly directory = mkdtempSync(join(tmpdir(), 'engine-'));

  constructor(options: VectorEngineOptions) {
    const keyTable = { maxEntries: 1000, lifetime: 604_800 };
    const clock = (): number => this.now;
    this.table = KeyTable.open({ directory: this.directory, ...keyTable, now: clock });
    const settings: WorkerSettings = {
      codePoints: defaultCodePoints,
      policy: {
        solution: 'A',
        queryAuthentication: 'signed',
        reportFailures: false,
        timestamp: { delta: 300, fuzz: 1, drift: 0.01 },
        ...options.policy,
      },
      serverIdentifier: options.serverIdentifier,
      identity: identityOf(options.server),
      previous: [],
      trust: { anchors: derOf(file.trust_anchor_pem), intermediates: [], crls: [], lapsedCrls: [] },
      ...options.material,
      stateDirectory: this.directory,
      keyTable,
      blocklist: options.blocklist ?? { count: 0, window: 60, duration: 120 },
      maximumContexts: options.maximumContexts ?? 1000,
    };
    this.anchors = settings.trust.anchors;
    this.handler = createPacketHandler(
      settings,
      clock,
      {
        log: (severity, text) => {
          throw new Error(`${severity} ${text}`);
        },
        bound: (duid) => {
          this.bound.push(Buffer.from(duid));
        },
        unbound: () => undefined,
        failed: () => undefined,
      },
      options.stopwatch ?? (() => () => 0),
    );
  }

  /** Makes a key known, as if it had authenticated a while ago. */
  remember(name: string): void {
    const spki = hex(keyVectors[name]!.spki);
    const identity: ClientIdentity = {
      keyId: keyIdentifier(spki),
      spki,
      kind: 'certificate',
      certified: undefined,
      notAfter: undefined,
      certification: { path: [Buffer.alloc(16)], anchors: anchorsDigest(this.anchors) },
      hostNames: { uri: undefined, dns: undefined, commonName: undefined },
      text: name,
    };
    const long = BigInt(Math.floor(this.now / 1000) - 200 + 2_208_988_800) << 32n;
    this.table.acceptTimestamp(identity, long, long, () => 'accept');
    this.table.bind(deriveDuid(spki), identity, true);
  }

  receive(octets: Buffer, { mode = 'optional', source = address }: ReceivedWith = {}): Promise<Verdict> {
    const number = modeNumbers[mode];
    return Promise.resolve(this.handler.receive({ mode: number, interfaceIndex: 2, source, octets }));
  }

  seal(handle: number, answer: Buffer): Promise<boolean> {
    return Promise.resolve(this.handler.send(handle, answer).action === 'replace');
  }

  async close(): Promise<void> {
    await this.table.close();
    rmSync(this.directory, { recursive: true });
  }
}
