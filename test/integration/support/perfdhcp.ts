// SPDX-License-Identifier: MPL-2.0
import type { Namespace } from './namespace';
import { CLIENT_INTERFACE } from './topology';

export interface PerfdhcpOptions {
  /** Of the client of a topology. */
  readonly namespace: Namespace;
  /** How many clients take turns. */
  readonly clients: number;
  /** How many exchanges are started in all. */
  readonly exchanges: number;
  /** Exchanges started each second. Default 10. */
  readonly rate?: number;
  readonly lease?: 'address-only' | 'prefix-only' | 'address-and-prefix';
  readonly rapidCommit?: boolean;
  /** Not everybody is to be served: no answer is waited for long, and some exchanges more do no harm. */
  readonly isLossy?: boolean;
  /** Seconds until an answer counts as lost; perfdhcp does not retransmit. It ends once all have come. */
  readonly patience?: number;
  /** Makes the DUIDs of one run differ from those of another. */
  readonly base?: string;
  /** Further arguments, as perfdhcp takes them. */
  readonly more?: readonly string[];
}

export interface PerfdhcpExchange {
  readonly sent: number;
  readonly received: number;
  readonly drops: number;
  readonly averageDelay: number;
}

export interface PerfdhcpReport {
  readonly solicitAdvertise: PerfdhcpExchange;
  readonly requestReply: PerfdhcpExchange;
  readonly solicitReply: PerfdhcpExchange;
  /** All that perfdhcp printed. */
  readonly output: string;
}

const [PATIENCE, PATIENCE_WHERE_LOSSY] = [60, 1];

/** How often perfdhcp may be late. */
const ATTEMPTS = 20;

/**
 * Kea's load generator as a cleartext DHCPv6 client: Solicit to Reply for each exchange.
 *
 * Where it was late it starts more exchanges than it was told to, and ends before all of them have their answers. Such a
 * run is thrown away, and the same clients come once more.
 */
export async function perfdhcp(options: PerfdhcpOptions): Promise<PerfdhcpReport> {
  for (let attempt = 1; ; attempt += 1) {
    const report = await runPerfdhcp(options);
    const { sent } = report[options.rapidCommit === true ? 'solicitReply' : 'solicitAdvertise'];
    if (sent <= options.exchanges || options.isLossy === true || attempt === ATTEMPTS) {
      return report;
    }
  }
}

async function runPerfdhcp(options: PerfdhcpOptions): Promise<PerfdhcpReport> {
  const { namespace, clients, exchanges, rate = 10, lease, base, isLossy = false, more = [] } = options;
  const { patience = isLossy ? PATIENCE_WHERE_LOSSY : PATIENCE } = options;
  const args = ['-6', '-l', CLIENT_INTERFACE, '-R', String(clients), '-n', String(exchanges)];
  if (options.rapidCommit !== true) {
    // Once more for the Requests: it ends when so many Advertises and Replies have come, and else waits in vain.
    args.push('-n', String(exchanges));
  }
  args.push('-r', String(rate), '-d', String(patience), '-W', String(patience * 1e6), '-x', 'i');
  if (lease !== undefined) {
    args.push('-e', lease);
  }
  if (options.rapidCommit === true) {
    args.push('-c');
  }
  if (base !== undefined) {
    args.push('-b', base);
  }
  const result = await namespace.run('perfdhcp', [...args, ...more, 'all']);
  const output = `${result.stdout}${result.stderr}`;
  // 3: some exchange was not completed; the numbers say which.
  if (result.code !== 0 && result.code !== 3) {
    throw new Error(`perfdhcp failed with exit code ${result.code}: ${output}`);
  }
  return {
    solicitAdvertise: exchange(output, 'SOLICIT-ADVERTISE'),
    requestReply: exchange(output, 'REQUEST-REPLY'),
    solicitReply: exchange(output, 'SOLICIT-REPLY'),
    output,
  };
}

function exchange(output: string, name: string): PerfdhcpExchange {
  const [, section = ''] = output.split(`***Statistics for: ${name}***`);
  const number = (label: string): number => {
    const match = new RegExp(`^${label}: *([\\d.]+)`, 'm').exec(section.split('***Statistics for:')[0] ?? '');
    return Number(match?.[1] ?? 0);
  };
  return {
    sent: number('sent packets'),
    received: number('received packets'),
    drops: number('drops'),
    averageDelay: number('avg delay'),
  };
}
