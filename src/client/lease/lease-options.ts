// SPDX-License-Identifier: MPL-2.0

import {
  ClientFqdnOption,
  type DhcpOption,
  DnsServersOption,
  DomainListOption,
  formatIpv6,
  IaAddressOption,
  IaNaOption,
  IaPdOption,
  IaPrefixOption,
  type IdentityAssociation,
  InformationRefreshTimeOption,
  makeOption,
  type Message,
  OptionCode,
  parseIpv6,
  readOptionsTolerantly,
  readSoundOption,
  StatusCode,
} from '../../dhcpv6';
import type { Configuration, LeasedAddress, LeasedAssociation, LeasedPrefix } from './lease';
import { statusOf } from '../exchange/reply-status';
import { readTimeServers } from './time-servers';

/** Associations of one kind that came without an error status, with what is in them and still lives. */
function readAssociations<Item>(
  associations: readonly IdentityAssociation[],
  iaids: readonly number[],
  readItems: (options: readonly DhcpOption[]) => Item[],
): LeasedAssociation<Item>[] {
  return associations
    .filter(
      (association) =>
        iaids.includes(association.iaid) &&
        statusOf(association).code === StatusCode.Success &&
        hasOrderedTimes(association),
    )
    .map((association) => ({
      iaid: association.iaid,
      t1: association.t1,
      t2: association.t2,
      items: readItems(association.options),
    }));
}

/** RFC 8415 sections 21.4 and 21.21: an association whose T1 is after its T2 is ignored. */
export function hasOrderedTimes({ t1, t2 }: IdentityAssociation): boolean {
  return t2 === 0 || t1 <= t2;
}

/** RFC 8415 sections 21.6 and 21.22: what has a preferred lifetime that exceeds the valid one is ignored. */
export function hasOrderedLifetimes({
  preferredLifetime,
  validLifetime,
}: Pick<LeasedAddress, 'preferredLifetime' | 'validLifetime'>): boolean {
  return preferredLifetime <= validLifetime;
}

function readAddresses(options: readonly DhcpOption[]): LeasedAddress[] {
  return readOptionsTolerantly(options, IaAddressOption)
    .filter(
      (item) =>
        hasOrderedLifetimes(item) && item.validLifetime > 0 && statusOf(item).code === StatusCode.Success,
    )
    .map(({ address, preferredLifetime, validLifetime }) => ({
      address: formatIpv6(address),
      preferredLifetime,
      validLifetime,
    }));
}

/** RFC 8415 section 21.22: bits behind the prefix are ignored. */
export function prefixText(prefix: Buffer, length: number): string {
  const octets = prefix.map(
    (octet, index) => octet & (0xff00 >> Math.min(8, Math.max(0, length - 8 * index))),
  );
  return `${formatIpv6(Buffer.from(octets))}/${length}`;
}

function readPrefixes(options: readonly DhcpOption[]): LeasedPrefix[] {
  return readOptionsTolerantly(options, IaPrefixOption)
    .filter(
      (item) =>
        hasOrderedLifetimes(item) && item.validLifetime > 0 && statusOf(item).code === StatusCode.Success,
    )
    .map(({ prefix, prefixLength, preferredLifetime, validLifetime }) => ({
      prefix: prefixText(prefix, prefixLength),
      preferredLifetime,
      validLifetime,
    }));
}

export function readLeasedAddresses(
  message: Message,
  iaids: readonly number[],
): LeasedAssociation<LeasedAddress>[] {
  return readAssociations(readOptionsTolerantly(message.options, IaNaOption), iaids, readAddresses);
}

export function readLeasedPrefixes(
  message: Message,
  iaids: readonly number[],
): LeasedAssociation<LeasedPrefix>[] {
  return readAssociations(readOptionsTolerantly(message.options, IaPdOption), iaids, readPrefixes);
}

export function readConfiguration({ options }: Message): Configuration {
  return {
    dnsServers: (readSoundOption(options, DnsServersOption) ?? []).map(formatIpv6),
    domainSearch: readSoundOption(options, DomainListOption) ?? [],
    informationRefreshTime: readSoundOption(options, InformationRefreshTimeOption),
    fqdn: readSoundOption(options, ClientFqdnOption)?.name,
    timeServers: readTimeServers(options),
    options: Object.fromEntries(
      options
        .filter(({ code }) => !structural.has(code))
        .map(({ code, data }) => [String(code), data.toString('hex')]),
    ),
  };
}

/** Options of the exchange itself, which configure no host. */
const structural: ReadonlySet<number> = new Set([
  OptionCode.ClientIdentifier,
  OptionCode.ServerIdentifier,
  OptionCode.IaNa,
  OptionCode.IaTa,
  OptionCode.IaPd,
  OptionCode.Preference,
  OptionCode.ElapsedTime,
  OptionCode.Authentication,
  OptionCode.ServerUnicast,
  OptionCode.StatusCode,
  OptionCode.RapidCommit,
  OptionCode.SolMaxRt,
  OptionCode.InfMaxRt,
]);

/** An IA_NA with the addresses that the client has or wants (RFC 8415 section 21.4). */
export function addressAssociation(iaid: number, addresses: readonly LeasedAddress[] = []): DhcpOption {
  const options = addresses.map(({ address }) =>
    makeOption(IaAddressOption, {
      address: parseIpv6(address),
      preferredLifetime: 0,
      validLifetime: 0,
      options: [],
    }),
  );
  return makeOption(IaNaOption, { iaid, t1: 0, t2: 0, options });
}

/** An IA_PD with the prefixes that the client has or wants (RFC 8415 section 21.21). */
export function prefixAssociation(iaid: number, prefixes: readonly LeasedPrefix[] = []): DhcpOption {
  const options = prefixes.map(({ prefix }) => {
    const [address = '', length = ''] = prefix.split('/');
    return makeOption(IaPrefixOption, {
      prefix: parseIpv6(address),
      prefixLength: Number(length),
      preferredLifetime: 0,
      validLifetime: 0,
      options: [],
    });
  });
  return makeOption(IaPdOption, { iaid, t1: 0, t2: 0, options });
}
