// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { type Environment, systemEnvironment } from '../exchange/environment';
import type { Lease } from '../lease/lease';
import type { LeaseClient } from '../lease/lease-client';
import type { MaxRt } from '../exchange/max-rt';
import type { Transport } from '../exchange/transport';

export interface DaemonEnvironment extends Environment {
  /** As `monotonic`, but it counts while the machine sleeps. */
  boottime(): number;
}

/** This machine's clocks; the first number of /proc/uptime counts on while the machine sleeps. */
export const systemDaemonEnvironment: DaemonEnvironment = {
  ...systemEnvironment,
  boottime: () => Number(readFileSync('/proc/uptime', 'latin1').split(' ', 1)[0]) * 1000,
};

/** Keeps the lease over restarts. */
export interface LeaseStore {
  read(): Lease | undefined;
  write(lease: Lease): void;
  remove(): void;
}

export interface LinkProbe {
  readonly index: number;
  readonly isUp: boolean;
  /** Undefined if it has none that can be used now. */
  readonly address?: string | undefined;
}

export interface DaemonOptions {
  readonly interfaceName: string;
  readonly environment: DaemonEnvironment;
  /** Opened for each time that the link is up, for its address may have changed. */
  openTransport(signal: AbortSignal): Promise<Transport>;
  /** A client for one exchange, which `signal` breaks off, and which gives up after `attemptLimit` milliseconds. */
  createClient(transport: Transport, signal: AbortSignal, attemptLimit: number): LeaseClient;
  /** Called when the link is gone, or this client's address on it: nothing that was known of it is used any more. */
  readonly forgetLink?: () => void;
  /** The interface and its link-local address; a recreated one has another index. Undefined if there is none. */
  link(): Promise<LinkProbe | undefined>;
  /** Whether the interface exists, called if it cannot send; left out if it always exists. */
  isInterface?(): Promise<boolean>;
  readonly store: LeaseStore | undefined;
  readonly maxRt: MaxRt;
  /** Information-requests only (RFC 8415 section 18.2.6): no address, no prefix. */
  readonly stateless: boolean;
  readonly releaseOnStop: boolean;
  /**
   * Makes a client anonymous (RFC 7844 section 4): called before it requests a lease that does not continue one
   * that it has, so that `createClient` makes another client from then on. A lease is forgotten as soon as the link
   * goes, for nothing of it is to be seen on another one; none is ever confirmed.
   */
  readonly newIdentity?: (() => void) | undefined;
  /** Milliseconds after the start at which it gives up if it has got nothing; undefined never does. */
  readonly giveUpAfter: number | undefined;
}
