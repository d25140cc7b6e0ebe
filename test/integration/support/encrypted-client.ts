// SPDX-License-Identifier: MPL-2.0
import type { Running, RunResult } from './process';
import type { CredentialFiles } from './test-pki';
import { CLIENT_INTERFACE, type Topology } from './topology';
import { tree } from './tree';

export interface EncryptedClientOptions {
  readonly topology: Topology;
  /** PEM file with the trust anchor for servers. */
  readonly anchors: string;
  readonly credentials: CredentialFiles;
  /** The certificate is not shown, the bare public key is. */
  readonly bareKey?: boolean;
  readonly serverName?: string;
  readonly leaseFile?: string;
  /** Further arguments of `kea-encryption client`. */
  readonly more?: readonly string[];
  /** Arguments of Node.js. */
  readonly node?: readonly string[];
}

interface LeasedItem {
  readonly iaid: number;
  readonly t1: number;
  readonly t2: number;
  readonly preferredLifetime: number;
  readonly validLifetime: number;
}

/** What `kea-encryption client --json` prints of a lease. */
export interface ClientLease {
  readonly event: string;
  readonly way?: string;
  readonly serverIdentifier: string;
  readonly clientIdentifier: string;
  readonly addresses: readonly (LeasedItem & { readonly address: string })[];
  readonly prefixes: readonly (LeasedItem & { readonly prefix: string })[];
}

/** Runs the command `kea-encryption client` in the client's namespace. */
export function encryptedClient(exchange: string, options: EncryptedClientOptions): Promise<RunResult> {
  return options.topology.client.runTree(process.execPath, commandLine(exchange, options));
}

/** Starts the same command and leaves it running. */
export function startEncryptedClient(exchange: string, options: EncryptedClientOptions): Running {
  return options.topology.client.startTree(process.execPath, commandLine(exchange, options));
}

function commandLine(exchange: string, options: EncryptedClientOptions): string[] {
  const { anchors, credentials, bareKey = false, serverName, leaseFile, more = [], node = [] } = options;
  const args = [...node, tree.cli, 'client', exchange];
  args.push('--interface', CLIENT_INTERFACE, '--json', '--verbose');
  // A server that is there is found sooner, unless the machine is busy; who is to find none says so by `more`.
  args.push('--timeout', '180');
  args.push('--private-key', credentials.privateKey, '--trust-anchors', anchors);
  if (!bareKey) {
    args.push('--certificate', credentials.certificate);
  }
  if (serverName !== undefined) {
    args.push('--server-name', serverName);
  }
  if (leaseFile !== undefined) {
    args.push('--lease-file', leaseFile);
  }
  return [...args, ...more];
}

/** Runs an exchange that has to succeed, and gives the JSON that it prints. */
export async function exchangeOk(exchange: string, options: EncryptedClientOptions): Promise<unknown> {
  const { code, stdout, stderr } = await encryptedClient(exchange, options);
  if (code !== 0) {
    throw new Error(`kea-encryption client ${exchange} failed with exit code ${code}: ${stdout}${stderr}`);
  }
  return JSON.parse(stdout);
}

/** As {@link exchangeOk}, for exchanges that end in a lease. */
export async function leaseOk(exchange: string, options: EncryptedClientOptions): Promise<ClientLease> {
  return (await exchangeOk(exchange, options)) as ClientLease;
}
