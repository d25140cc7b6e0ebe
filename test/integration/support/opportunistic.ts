// SPDX-License-Identifier: MPL-2.0
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { deriveDuid } from '../../../src/crypto';
import { encryptedClient, type ClientLease, type EncryptedClientOptions } from './encrypted-client';
import { clientSubnet } from './hooked-kea';
import type { KeaServer } from './kea';
import { lookingLonger } from './looking-longer';
import type { RunResult } from './process';
import { iaidOctets } from './secrets';
import type { Site } from './site';
import type { CredentialFiles } from './test-pki';

/** What an opportunistic client tells to nobody in clear. */
export const HOST_NAME = 'secret-host.example.net';
export const IAID = 0x5ec2e71d;

/** Arguments of a client that looks for an authenticated server in vain: in so few seconds, and then in clear. */
export const BRIEFLY = ['--timeout', '2'] as const;

/** And of one that is to find it. */
export const PATIENTLY = ['--timeout', '60'] as const;

const WARNING = /^kea-encryption: WARNING: NOT ENCRYPTED: .*$/gm;

/** The same client, told to go on in clear. */
export function opportunistic(
  options: EncryptedClientOptions,
  more: readonly string[] = [],
): EncryptedClientOptions {
  return { ...options, more: [...(options.more ?? []), '--opportunistic', ...BRIEFLY, ...more] };
}

/** The same client where no server authenticates itself, but one answers in clear: the exchange has to succeed. */
export async function inClear(
  exchange: string,
  options: EncryptedClientOptions,
  more: readonly string[] = [],
): Promise<RunResult> {
  const result = await lookingLonger(
    (timeout) => encryptedClient(exchange, opportunistic(options, [...more, ...timeout])),
    ({ code }) => code === 0,
  );
  if (result.code !== 0) {
    throw new Error(`the exchange ${exchange} in clear failed: ${result.stdout}${result.stderr}`);
  }
  return result;
}

/** Likewise, of a lease. */
export async function leaseInClear(
  options: EncryptedClientOptions,
  more?: readonly string[],
): Promise<ClientLease> {
  return JSON.parse((await inClear('lease', options, more)).stdout) as ClientLease;
}

/** A client with a host name and an IAID to be kept secret. */
export function secretiveClient(
  site: Site,
  more: readonly string[] = [],
  credentials?: CredentialFiles,
): Promise<EncryptedClientOptions> {
  const common = ['--iaid', String(IAID), '--fqdn', HOST_NAME, ...more];
  return site.client({ more: common, ...(credentials !== undefined && { credentials }) });
}

/** What a client has under encryption: it is to be nowhere in clear. */
export async function clientSecrets({ privateKey }: CredentialFiles): Promise<Buffer[]> {
  const spki = createPublicKey(await readFile(privateKey, 'utf8')).export({ type: 'spki', format: 'der' });
  return [deriveDuid(spki), iaidOctets(IAID), Buffer.from('secret-host')];
}

/** The warnings of a client that continues in clear. */
export function warnings({ stderr }: RunResult): string[] {
  return stderr.match(WARNING) ?? [];
}

/** A Kea that has never heard of encryption. */
export function plainKea(site: Site): Promise<KeaServer> {
  const subnet = { ...clientSubnet(site.topology), more: { 'rapid-commit': true } };
  return site.startWithoutHook({ subnets: [subnet] });
}
