// SPDX-License-Identifier: MPL-2.0

import { spawn } from 'node:child_process';
import { formatIpv6 } from '../../dhcpv6';
import type { ClientEvent } from '../daemon';
import type { Lease } from '../lease';
import type { Applier } from './applier';

/** Milliseconds until a script that does not end is killed. */
const timeout = 30_000;

const sntpServers = '31';

/** What odhcp6c calls an event; undefined where it has no word for it. */
function actionOf(event: ClientEvent): string | undefined {
  switch (event.type) {
    case 'bound':
      return event.previous === undefined ? 'bound' : 'updated';
    case 'confirmed':
      return 'bound';
    case 'renewed':
      return 'updated';
    case 'lost':
      return event.lease === undefined ? 'unbound' : 'updated';
    case 'rebound':
    case 'informed':
    case 'started':
    case 'stopped':
      return event.type;
    case 'link':
    case 'problem':
      return undefined;
  }
}

/** Runs a user's program at every event, one after the other, as odhcp6c runs its script: docs/client.md. */
export class ScriptApplier implements Applier {
  constructor(
    private readonly file: string,
    private readonly notice: (text: string) => void,
    private readonly limit: number = timeout,
  ) {}

  apply(event: ClientEvent): Promise<void> {
    const action = actionOf(event);
    return action === undefined ? Promise.resolve() : this.run(event.interface, action, event);
  }

  private run(interfaceName: string, action: string, event: ClientEvent): Promise<void> {
    const env = scriptEnvironment(event);
    return new Promise((resolve) => {
      // A process group of its own, so that what the script has started is killed with it.
      const child = spawn(this.file, [interfaceName, action], {
        env,
        stdio: ['ignore', 2, 2],
        detached: true,
      });
      const timer = setTimeout(() => {
        this.notice(`the script ${this.file} took too long at ${action} and is killed`);
        if (child.pid !== undefined) {
          process.kill(-child.pid, 'SIGKILL');
        }
      }, this.limit);
      const finish = (problem?: string): void => {
        clearTimeout(timer);
        if (problem !== undefined) {
          this.notice(`the script ${this.file} failed at ${action}: ${problem}`);
        }
        resolve();
      };
      child.once('error', (error) => {
        finish(error.message);
      });
      child.once('exit', (code, signal) => {
        finish(code === 0 ? undefined : `exit ${String(signal ?? code)}`);
      });
    });
  }
}

/** PATH and odhcp6c's variables; values come from servers: a script must quote them. */
export function scriptEnvironment(event: ClientEvent): Record<string, string> {
  const path = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
  const lease = 'lease' in event ? event.lease : undefined;
  return lease === undefined ? path : { ...path, ...leaseVariables(lease) };
}

function leaseVariables({
  addresses,
  prefixes,
  configuration,
  serverIdentifier,
  encrypted,
}: Lease): Record<string, string> {
  const { dnsServers, domainSearch, fqdn, options = {} } = configuration;
  const sntp = addressesIn(options[sntpServers] ?? '');
  const all: Record<string, string> = {
    ADDRESSES: addresses
      .flatMap(({ items }) => items)
      .map((item) => `${item.address}/128,${item.preferredLifetime},${item.validLifetime}`)
      .join(' '),
    PREFIXES: prefixes
      .flatMap(({ items }) => items)
      .map((item) => `${item.prefix},${item.preferredLifetime},${item.validLifetime}`)
      .join(' '),
    RDNSS: dnsServers.join(' '),
    DOMAINS: domainSearch.filter(isDomain).join(' '),
    SNTP_IP: sntp.join(' '),
    FQDN: fqdn !== undefined && isDomain(fqdn) ? fqdn : '',
    SERVER: serverIdentifier,
    ENCRYPTED: encrypted ? '1' : '0',
  };
  const raw = Object.entries(options).map(([code, data]): [string, string] => [`OPTION_${code}`, data]);
  const set = Object.entries(all).filter(([, value]) => value !== '');
  return Object.fromEntries([...set, ...raw]);
}

/** Names with anything but letters, digits, hyphens and dots are not for a shell. */
function isDomain(name: string): boolean {
  return /^[\w.-]+$/.test(name);
}

function addressesIn(hexadecimal: string): string[] {
  return (hexadecimal.match(/.{32}/g) ?? []).map((address) => formatIpv6(Buffer.from(address, 'hex')));
}
