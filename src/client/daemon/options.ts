// SPDX-License-Identifier: MPL-2.0

import type { Environment } from '../exchange/environment';
import type { Lease } from '../lease/lease';
import type { LeaseClient } from '../lease/lease-client';
import type { MaxRt } from '../exchange/max-rt';
import type { Transport } from '../exchange/transport';

export interface DaemonEnvironment extends Environment {
  /** As `monotonic`, but it goes on while the machine sleeps. */
  boottime(): number;
}

/** Where the lease is kept over restarts. */
export interface LeaseStore {
  read(): Lease | undefined;
  write(lease: Lease): void;
  remove(): void;
}

export interface DaemonOptions {
  readonly interfaceName: string;
  readonly environment: DaemonEnvironment;
  /** Opened for each time that the link is up, for its address may have changed. */
  openTransport(signal: AbortSignal): Promise<Transport>;
  /** A client for one exchange, which `signal` breaks off, and which gives up after `attemptLimit` milliseconds. */
  createClient(transport: Transport, signal: AbortSignal, attemptLimit: number): LeaseClient;
  /** The interface: by its index one made anew is told from it. Undefined where there is none. */
  link(): Promise<{ readonly index: number; readonly isUp: boolean } | undefined>;
  /** Whether there is the interface at all, asked where it cannot send; left out where there always is. */
  isInterface?(): Promise<boolean>;
  readonly store: LeaseStore | undefined;
  readonly maxRt: MaxRt;
  /** Information-requests only (RFC 8415 section 18.2.6): no address, no prefix. */
  readonly stateless: boolean;
  readonly releaseOnStop: boolean;
  /**
   * Makes a client anonymous (RFC 7844 section 4): called before it asks for a lease that has nothing to do with one
   * that it has, so that `createClient` makes another client from then on. A lease is forgotten as soon as the link
   * goes, for nothing of it is to be seen on another one; none is ever confirmed.
   */
  readonly newIdentity?: (() => void) | undefined;
  /** Gives up where nothing was got in so many milliseconds after the start; undefined never does. */
  readonly giveUpAfter: number | undefined;
}
