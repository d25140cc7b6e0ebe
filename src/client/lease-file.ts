// SPDX-License-Identifier: MPL-2.0

import { accessSync, constants, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemErrorText } from '../pki';
import { ClientError } from './errors';
import type { Configuration, Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from './lease';
import { replaceFile } from './replace-file';

/** Reads a lease file. @throws ClientError `lease-file` that names the file and what is wrong in it */
export function readLeaseFile(path: string): Lease {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClientError('lease-file', `the lease file ${path} cannot be read: ${reason}`, { cause: error });
  }
  return new LeaseReader(path).lease(json);
}

/** Writes it whole or not at all; only its owner may read it. @throws ClientError `lease-file` */
export function writeLeaseFile(path: string, lease: Lease): void {
  try {
    replaceFile(path, `${JSON.stringify(lease, undefined, 2)}\n`);
  } catch (error) {
    throw unwritable(path, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * Finds out whether a lease can be kept before there is one. It is no promise: a disk may be full by then.
 * @throws ClientError `lease-file`
 */
export function requireWritableLeaseFile(path: string): void {
  // It is replaced by another file of its directory.
  const refusal =
    refusalOf('directory', dirname(path)) ?? (existsSync(path) ? refusalOf('file', path) : undefined);
  if (refusal !== undefined) {
    throw unwritable(path, refusal);
  }
}

/** Why nothing can be written there; undefined where it can. */
function refusalOf(kind: 'directory' | 'file', path: string): string | undefined {
  const isDirectory = kind === 'directory';
  try {
    if (statSync(path).isDirectory() !== isDirectory) {
      return isDirectory ? `${path} is no directory` : 'it is a directory';
    }
    accessSync(path, isDirectory ? constants.W_OK | constants.X_OK : constants.W_OK);
    return undefined;
  } catch (error) {
    return `${path}: ${systemErrorText(error)}`;
  }
}

function unwritable(path: string, reason: string, cause?: unknown): ClientError {
  return new ClientError('lease-file', `the lease file ${path} cannot be written: ${reason}`, { cause });
}

export function removeLeaseFile(path: string): void {
  rmSync(path, { force: true });
}

class LeaseReader {
  constructor(private readonly path: string) {}

  lease(json: unknown): Lease {
    const map = this.map(json, 'the lease');
    return {
      encrypted: this.encrypted(map),
      clientIdentifier: this.text(map, 'clientIdentifier'),
      serverIdentifier: this.text(map, 'serverIdentifier'),
      serverName: this.text(map, 'serverName'),
      serverKey: this.text(map, 'serverKey'),
      obtained: this.number(map, 'obtained'),
      addresses: this.associations(map, 'addresses', (item) => this.address(item)),
      prefixes: this.associations(map, 'prefixes', (item) => this.prefix(item)),
      configuration: this.configuration(map.get('configuration')),
    };
  }

  /** A lease that does not say it was obtained in clear was not: it is never shown in clear. */
  private encrypted(map: ReadonlyMap<string, unknown>): boolean {
    const value = map.get('encrypted') ?? true;
    if (typeof value !== 'boolean') {
      throw this.wrong('encrypted is neither true nor false');
    }
    return value;
  }

  private associations<Item>(
    map: ReadonlyMap<string, unknown>,
    name: string,
    read: (item: unknown) => Item,
  ): LeasedAssociation<Item>[] {
    return this.list(map, name).map((entry) => {
      const association = this.map(entry, name);
      return {
        iaid: this.number(association, 'iaid'),
        t1: this.number(association, 't1'),
        t2: this.number(association, 't2'),
        items: this.list(association, 'items').map(read),
      };
    });
  }

  private address(json: unknown): LeasedAddress {
    const map = this.map(json, 'an address');
    return { address: this.text(map, 'address'), ...this.lifetimes(map) };
  }

  private prefix(json: unknown): LeasedPrefix {
    const map = this.map(json, 'a prefix');
    return { prefix: this.text(map, 'prefix'), ...this.lifetimes(map) };
  }

  private lifetimes(map: ReadonlyMap<string, unknown>): {
    readonly preferredLifetime: number;
    readonly validLifetime: number;
  } {
    return {
      preferredLifetime: this.number(map, 'preferredLifetime'),
      validLifetime: this.number(map, 'validLifetime'),
    };
  }

  private configuration(json: unknown): Configuration {
    const map = this.map(json, 'configuration');
    const refresh = map.get('informationRefreshTime');
    const fqdn = map.get('fqdn');
    return {
      dnsServers: this.texts(map, 'dnsServers'),
      domainSearch: this.texts(map, 'domainSearch'),
      informationRefreshTime: typeof refresh === 'number' ? refresh : undefined,
      fqdn: typeof fqdn === 'string' ? fqdn : undefined,
      ...this.timeServers(map.get('timeServers')),
      ...this.options(map.get('options')),
    };
  }

  private timeServers(json: unknown): Pick<Configuration, 'timeServers'> {
    if (json === undefined) {
      return {};
    }
    const map = this.map(json, 'timeServers');
    return {
      timeServers: {
        addresses: this.texts(map, 'addresses'),
        multicastAddresses: this.texts(map, 'multicastAddresses'),
        names: this.texts(map, 'names'),
      },
    };
  }

  private options(json: unknown): Pick<Configuration, 'options'> {
    if (json === undefined) {
      return {};
    }
    const entries = [...this.map(json, 'options')].map(([code, data]): [string, string] => [
      code,
      String(data),
    ]);
    return { options: Object.fromEntries(entries) };
  }

  private map(json: unknown, name: string): ReadonlyMap<string, unknown> {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw this.wrong(`${name} is no map`);
    }
    return new Map<string, unknown>(Object.entries(json));
  }

  private list(map: ReadonlyMap<string, unknown>, name: string): readonly unknown[] {
    const value = map.get(name);
    if (!Array.isArray(value)) {
      throw this.wrong(`${name} is no list`);
    }
    return value;
  }

  private texts(map: ReadonlyMap<string, unknown>, name: string): string[] {
    return this.list(map, name).map(String);
  }

  private text(map: ReadonlyMap<string, unknown>, name: string): string {
    const value = map.get(name);
    if (typeof value !== 'string') {
      throw this.wrong(`${name} is no text`);
    }
    return value;
  }

  private number(map: ReadonlyMap<string, unknown>, name: string): number {
    const value = map.get(name);
    if (typeof value !== 'number') {
      throw this.wrong(`${name} is no number`);
    }
    return value;
  }

  private wrong(text: string): ClientError {
    return new ClientError('lease-file', `the lease file ${this.path}: ${text}`);
  }
}
