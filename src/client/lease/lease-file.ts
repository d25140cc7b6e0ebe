// SPDX-License-Identifier: MPL-2.0

import { accessSync, constants, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import { errorText, JsonReader, replaceFile, systemErrorText } from '../../support';
import { ClientError } from '../exchange/errors';
import type {
  Configuration,
  Lease,
  LeasedAddress,
  LeasedAssociation,
  LeasedPrefix,
  TimeServers,
} from './lease';

/** Reads a lease file. @throws ClientError `lease-file` that names the file and what is wrong in it */
export function readLeaseFile(path: string): Lease {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = errorText(error);
    throw new ClientError('lease-file', `the lease file ${path} cannot be read: ${reason}`, { cause: error });
  }
  return leaseOf(
    new JsonReader(json, (text) => new ClientError('lease-file', `the lease file ${path}: ${text}`)),
  );
}

/** Writes a lease file whole or not at all; only its owner may read it. @throws ClientError `lease-file` */
export function writeLeaseFile(path: string, lease: Lease): void {
  try {
    replaceFile(path, `${JSON.stringify(lease, undefined, 2)}\n`);
  } catch (error) {
    throw unwritable(path, errorText(error), error);
  }
}

/**
 * Checks that a lease can be kept, before one is requested. It may still fail later, for instance on a full disk.
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

/** Why nothing can be written there; undefined if it can. */
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

function leaseOf(json: JsonReader): Lease {
  const [encrypted, way, serverTime] = [
    json.member('encrypted'),
    json.member('way'),
    json.member('serverTime'),
  ];
  return {
    // A lease counts as encrypted unless it says otherwise: it is never disclosed in clear.
    encrypted: encrypted.isAbsent || encrypted.flag(),
    clientIdentifier: json.member('clientIdentifier').hex(),
    serverIdentifier: json.member('serverIdentifier').hex(),
    serverName: json.member('serverName').text(),
    serverKey: json.member('serverKey').hex(),
    obtained: json.member('obtained').moment(),
    ...(!way.isAbsent && { way: way.oneOf(['plain', 'wrapped'] as const) }),
    ...(!serverTime.isAbsent && { serverTime: serverTime.moment() }),
    addresses: associationsOf(json.member('addresses'), addressOf),
    prefixes: associationsOf(json.member('prefixes'), prefixOf),
    configuration: configurationOf(json.member('configuration')),
  };
}

function associationsOf<Item>(json: JsonReader, read: (item: JsonReader) => Item): LeasedAssociation<Item>[] {
  return json.items().map((association) => ({
    iaid: association.member('iaid').uint32(),
    t1: association.member('t1').seconds(),
    t2: association.member('t2').seconds(),
    items: association.member('items').items().map(read),
  }));
}

function addressOf(json: JsonReader): LeasedAddress {
  return { address: ipv6Of(json.member('address')), ...lifetimesOf(json) };
}

function prefixOf(json: JsonReader): LeasedPrefix {
  const prefix = json.member('prefix').text('an IPv6 prefix such as 2001:db8::/56', (text) => {
    const [address = '', length = '', ...more] = text.split('/');
    return isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128 && more.length === 0;
  });
  return { prefix, ...lifetimesOf(json) };
}

function lifetimesOf(json: JsonReader): Pick<LeasedAddress, 'preferredLifetime' | 'validLifetime'> {
  return {
    preferredLifetime: json.member('preferredLifetime').seconds(),
    validLifetime: json.member('validLifetime').seconds(),
  };
}

function configurationOf(json: JsonReader): Configuration {
  const [refresh, fqdn] = [json.member('informationRefreshTime'), json.member('fqdn')];
  const [timeServers, options] = [json.member('timeServers'), json.member('options')];
  return {
    dnsServers: json.member('dnsServers').items().map(ipv6Of),
    domainSearch: textsOf(json.member('domainSearch')),
    informationRefreshTime: refresh.isAbsent ? undefined : refresh.seconds(),
    fqdn: fqdn.isAbsent ? undefined : fqdn.text(),
    ...(!timeServers.isAbsent && { timeServers: timeServersOf(timeServers) }),
    ...(!options.isAbsent && {
      options: Object.fromEntries(options.members().map(([code, data]) => [code, data.hex()])),
    }),
  };
}

function timeServersOf(json: JsonReader): TimeServers {
  return {
    addresses: json.member('addresses').items().map(ipv6Of),
    multicastAddresses: json.member('multicastAddresses').items().map(ipv6Of),
    names: textsOf(json.member('names')),
  };
}

function ipv6Of(json: JsonReader): string {
  return json.text('an IPv6 address', isIPv6);
}

function textsOf(json: JsonReader): string[] {
  return json.items().map((item) => item.text());
}
