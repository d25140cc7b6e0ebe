// SPDX-License-Identifier: MPL-2.0

import type { KemName } from '../../crypto';
import type { CodePoints } from '../../protocol';
import type { HostIdentifierKind } from '../clients/host-identifier';
import type { Mode } from './mode';

/** A certificate chain and the key of its end entity: absolute paths of PEM files. */
export interface IdentityFiles {
  readonly certificate: string;
  /** Empty where a program signs. */
  readonly privateKey: string;
  /** The program that signs, by its absolute path, and its arguments. */
  readonly privateKeyCommand?: readonly string[] | undefined;
}

export interface EngineSettings {
  /** Whether the hook starts the engine and keeps it running. */
  readonly spawn: boolean;
  /** A path, or a name that is looked up in PATH. */
  readonly node: string;
  /** Worker threads; 0 is one for each core. */
  readonly workers: number;
  /** Milliseconds that a packet waits for the engine. */
  readonly timeout: number;
  /** Where an engine that the hook does not start listens; undefined where it starts one. */
  readonly socket: string | undefined;
}

/** Where metrics are served: a Unix socket, or a port of the loopback addresses. */
export type MetricsEndpoint =
  { readonly socket: string; readonly port?: never } | { readonly socket?: never; readonly port: number };

/** The hook's parameters, checked and with their defaults. */
export interface Settings {
  readonly solution: 'A' | 'B';
  /** For subnets that name none. */
  readonly mode: Mode;
  readonly identity: IdentityFiles;
  /** Still accepted for decryption, newest first. */
  readonly previousKeys: readonly IdentityFiles[];
  readonly trustAnchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly crls: readonly string[];
  /** KEMs that the server offers, in its order; seconds that a key lives (docs/protocol.md 4.4). */
  readonly encryptionKeys: { readonly kems: readonly KemName[]; readonly lifetime: number };
  /** Open contexts of all workers. */
  readonly maxContexts: number;
  /** docs/protocol.md 9. */
  readonly draftLiteral: boolean;
  readonly reportFailures: boolean;
  /** Seconds, and a share of the time that passed (docs/protocol.md 6). */
  readonly timestamp: { readonly delta: number; readonly fuzz: number; readonly drift: number };
  /** Number of keys, and seconds since a key was used last. */
  readonly keyTable: { readonly maxEntries: number; readonly lifetime: number };
  /** Number of failures, and seconds. */
  readonly blocklist: { readonly count: number; readonly window: number; readonly duration: number };
  /** What of a certificate Kea looks host reservations up by. */
  readonly hostIdentifier: HostIdentifierKind;
  readonly stateDirectory: string;
  readonly engine: EngineSettings;
  /** Undefined where there are none. */
  readonly metrics: MetricsEndpoint | undefined;
  readonly codePoints: CodePoints;
}
