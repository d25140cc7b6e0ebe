// SPDX-License-Identifier: MPL-2.0

import type { CodePoints } from '../../protocol';
import type { LimitName } from '../admission/limit-names';
import type { BlockedSource } from '../admission/blocklist';
import type { WorkerMaterial } from '../clients/server-material';
import type { KeyMaterial } from '../encryption-keys';
import type { PacketCounts } from '../metrics/packet-metrics';
import type { PacketPolicy } from '../settings/packet-policy';

/** What a worker thread is started with: all of it survives a structured clone. */
export interface WorkerSettings extends WorkerMaterial {
  readonly codePoints: CodePoints;
  readonly policy: PacketPolicy;
  /** The server's DUID. */
  readonly serverIdentifier: Uint8Array;
  /** kem_ids that the server offers, in its order, X25519 among them. */
  readonly offered: readonly number[];
  readonly keys: KeyMaterial;
  /** See AnnouncementBoard. */
  readonly board: SharedArrayBuffer;
  readonly stateDirectory: string;
  readonly keyTable: { readonly maxEntries: number; readonly lifetime: number };
  readonly blocklist: { readonly count: number; readonly window: number; readonly duration: number };
  /** Open contexts that this worker keeps. */
  readonly maximumContexts: number;
}

/** What a session asks its workers for its control commands; each answers for itself, and what is blocked for all. */
export type WorkerQuestion =
  | { readonly topic: 'counts' }
  /** As `counts`, and what it has counted of its packets. */
  | { readonly topic: 'metrics' }
  /** Closes every context of a key; the answer's `contexts` is how many there were. */
  | { readonly topic: 'forget'; readonly keyId: Uint8Array }
  /** The blocked sources behind `after`, in the order of their names. */
  | { readonly topic: 'blocked'; readonly after: string | undefined; readonly limit: number }
  /** Forgets what is held against a source, or all; the answer's `blocked` is how many were blocked. */
  | { readonly topic: 'unblock'; readonly source: string | undefined };

export interface WorkerAnswer {
  readonly contexts: number;
  readonly blocked: number;
  readonly sources: readonly BlockedSource[];
  readonly packets?: PacketCounts;
}

/**
 * To a worker: its settings, first and once; then the descriptors of lanes to serve, and at each reload the material
 * that takes the place of what it has.
 */
export type ToWorker =
  | { readonly kind: 'start'; readonly settings: WorkerSettings }
  | { readonly kind: 'lane'; readonly fd: number }
  | { readonly kind: 'ask'; readonly id: number; readonly question: WorkerQuestion }
  /** A sender has failed with another worker. */
  | { readonly kind: 'failed'; readonly names: readonly LimitName[] }
  | { readonly kind: 'keys'; readonly keys: KeyMaterial }
  | { readonly kind: 'material'; readonly generation: number; readonly material: WorkerMaterial }
  /** Ends the worker once what it is at is done. */
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready' }
  /** This worker has loaded the material of that generation. */
  | { readonly kind: 'adopted'; readonly generation: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: WorkerAnswer }
  | { readonly kind: 'log'; readonly severity: 0 | 1 | 2 | 3; readonly text: string }
  /** For the other workers: see {@link ToWorker}. */
  | { readonly kind: 'failed'; readonly names: readonly LimitName[] };
