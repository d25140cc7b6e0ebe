// SPDX-License-Identifier: MPL-2.0

import {
  type Lease,
  type LeaseStatus,
  leaseStatus,
  type Liveness,
  type RunRecord,
  type RunState,
} from '../../client';

/**
 * `none`: no lease at all; `outdated`: information that has to be requested again; `untimely`: a lease dated in the future,
 * which no client uses.
 */
export type StatusState = RunState | 'renewing' | 'rebinding' | 'expired' | 'untimely' | 'outdated' | 'none';

/** The JSON of `client status`. Moments are milliseconds since 1970, null for never. */
export interface StatusReport {
  readonly interface: string | undefined;
  readonly leaseFile: string;
  readonly state: StatusState;
  /** Whether there is an address or a prefix to use, or information that is fresh. */
  readonly usable: boolean;
  readonly client: ClientReport;
  readonly lease: LeaseReport | undefined;
}

interface ClientReport {
  /** `unknown`: the process is not visible from here. */
  readonly process: Liveness | 'none';
  readonly pid?: number;
  readonly started?: number;
  /** Its state, and when that began; the last one if the client has ended without a Release. */
  readonly state?: RunState;
  readonly since?: number;
  readonly problem?: RunRecord['problem'];
}

interface LeaseReport {
  readonly encrypted: boolean;
  /** How its messages went: as they are, or wrapped in Relay-forwards; absent if it is not known. */
  readonly way?: Lease['way'];
  readonly serverName: string;
  readonly serverIdentifier: string;
  readonly clientIdentifier: string;
  readonly obtained: number;
  /** Lifetimes in seconds from now on, 4294967295 for infinity; without what has expired. */
  readonly addresses: readonly ({ readonly iaid: number } & Lease['addresses'][number]['items'][number])[];
  readonly prefixes: readonly ({ readonly iaid: number } & Lease['prefixes'][number]['items'][number])[];
  readonly t1: number | null;
  readonly t2: number | null;
  readonly expiry: number | null;
  readonly dnsServers: readonly string[];
  readonly domainSearch: readonly string[];
  readonly fqdn: string | undefined;
}

/** What a lease file, and the record beside it, say at a moment (milliseconds since 1970). */
export interface StatusSource {
  readonly leaseFile: string;
  readonly lease: Lease | undefined;
  readonly record: RunRecord | undefined;
  /** Of the record's process. */
  readonly liveness: Liveness;
  readonly now: number;
}

export function statusReport({ leaseFile, lease, record, liveness, now }: StatusSource): StatusReport {
  // The client that holds it counts by a clock that is never set: if the wall clock went back, the lease is still good.
  const isHeld = liveness !== 'ended' && (record?.state === 'bound' || record?.state === 'informed');
  const status = lease && leaseStatus(lease, isHeld ? Math.max(now, lease.obtained) : now);
  return {
    interface: record?.interface,
    leaseFile,
    state: stateOf(status, liveness === 'ended' ? undefined : record?.state, now),
    usable: status?.isUsable === true,
    client:
      record === undefined
        ? { process: 'none' }
        : {
            process: liveness,
            pid: record.process.pid,
            started: record.started,
            state: record.state,
            since: record.since,
            problem: record.problem,
          },
    lease: lease && status && leaseReport(lease, status),
  };
}

/** @param running what the client that runs does; undefined if none does */
function stateOf(status: LeaseStatus | undefined, running: RunState | undefined, now: number): StatusState {
  if (running === 'bound' && status?.isUsable === true) {
    return now >= status.t2 ? 'rebinding' : now >= status.t1 ? 'renewing' : 'bound';
  }
  if (running !== undefined) {
    return running;
  }
  if (status === undefined) {
    return 'none';
  }
  if (status.isUntimely) {
    return 'untimely';
  }
  if (status.isInformation) {
    return status.isUsable ? 'informed' : 'outdated';
  }
  return status.isUsable ? 'bound' : 'expired';
}

function leaseReport(lease: Lease, { lease: aged, t1, t2, expiry }: LeaseStatus): LeaseReport {
  const { dnsServers, domainSearch, fqdn } = lease.configuration;
  return {
    encrypted: lease.encrypted,
    ...(lease.way !== undefined && { way: lease.way }),
    serverName: lease.serverName,
    serverIdentifier: lease.serverIdentifier,
    clientIdentifier: lease.clientIdentifier,
    obtained: lease.obtained,
    addresses: aged.addresses.flatMap(({ iaid, items }) => items.map((item) => ({ iaid, ...item }))),
    prefixes: aged.prefixes.flatMap(({ iaid, items }) => items.map((item) => ({ iaid, ...item }))),
    t1: finite(t1),
    t2: finite(t2),
    expiry: finite(expiry),
    dnsServers,
    domainSearch,
    fqdn,
  };
}

function finite(moment: number): number | null {
  return moment === Infinity ? null : moment;
}
