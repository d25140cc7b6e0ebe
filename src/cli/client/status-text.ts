// SPDX-License-Identifier: MPL-2.0

import { INFINITY } from '../../dhcpv6';
import { resultLines, timeText } from '../print';
import type { StatusReport } from './status-report';

/** A report for people. @param now milliseconds since 1970 */
export function statusLines(report: StatusReport, now: number): string[] {
  const { lease } = report;
  return resultLines({
    interface: report.interface,
    leaseFile: report.leaseFile,
    state: report.state,
    client: clientText(report),
    lastProblem: problemText(report),
    usable: report.usable,
    ...(lease && {
      server: `${lease.serverName} (${lease.serverIdentifier})`,
      encrypted: lease.encrypted ? 'yes' : 'NO, and the server is not authenticated',
      way: lease.way && (lease.way === 'wrapped' ? 'wrapped in Relay-forwards' : 'plain'),
      clientIdentifier: lease.clientIdentifier,
      obtained: timeText(new Date(lease.obtained)),
      addresses: lease.addresses.map((item) => `${item.address} ${lifetimes(item)}`),
      prefixes: lease.prefixes.map((item) => `${item.prefix} ${lifetimes(item)}`),
      renewal: dueText(lease.t1, now),
      rebinding: dueText(lease.t2, now),
      expiry: dueText(lease.expiry, now),
      dnsServers: lease.dnsServers,
      domainSearch: lease.domainSearch,
      fqdn: lease.fqdn,
    }),
  });
}

function clientText({ client }: StatusReport): string {
  const { pid = 0, state, since = 0 } = client;
  const last = `${String(state)} since ${timeText(new Date(since))}`;
  switch (client.process) {
    case 'none':
      return 'none runs';
    case 'running':
      return `runs as process ${pid}, ${last}`;
    case 'ended':
      return `none runs: process ${pid} has ended unexpectedly, it was ${last}`;
    case 'unknown':
      return `perhaps runs as process ${pid} elsewhere, ${last}`;
  }
}

function problemText({ client: { problem } }: StatusReport): string | undefined {
  return problem && `${timeText(new Date(problem.time))}: ${problem.message}`;
}

function lifetimes(item: { readonly preferredLifetime: number; readonly validLifetime: number }): string {
  return `preferred ${seconds(item.preferredLifetime)} valid ${seconds(item.validLifetime)}`;
}

function seconds(lifetime: number): string {
  return lifetime === INFINITY ? 'for ever' : `${lifetime} s`;
}

function dueText(moment: number | null, now: number): string {
  if (moment === null) {
    return 'never';
  }
  const left = Math.round((moment - now) / 1000);
  return `${left < 0 ? `${-left} s ago` : `in ${left} s`}, ${timeText(new Date(moment))}`;
}
