// SPDX-License-Identifier: MPL-2.0

import {
  IaAddressOption,
  IaNaOption,
  IaPdOption,
  IaPrefixOption,
  formatIpv6,
  type IdentityAssociation,
  type Message,
  readOption,
  readOptions,
  StatusCode,
  StatusCodeOption,
} from '../dhcpv6';
import type { Configuration, Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from './lease';
import { ageAssociation } from './lease-age';
import { hasOrderedTimes } from './lease-options';

export interface LeaseUpdate {
  readonly lease: Lease;
  /** An association came back with NoBinding: the server is to be asked for a binding. */
  readonly isUnbound: boolean;
}

/**
 * What a Reply to a Renew or Rebind makes of a lease (RFC 8415 section 18.2.10.1): what it gives is taken, what it
 * ends with a lifetime of 0 is over, what it does not mention stays as it was.
 *
 * @param given what the message gives, without error status, as a lease of its own
 * @param wished the IAID of associations that the client lacks
 */
export function updateLease(lease: Lease, given: Lease, message: Message, wished: number): LeaseUpdate {
  const age = Math.max(0, (given.obtained - lease.obtained) / 1000);
  const [na, pd] = [readOptions(message.options, IaNaOption), readOptions(message.options, IaPdOption)];
  const addresses = update(lease.addresses, given.addresses, na, addressesNamed, age, wished);
  const prefixes = update(lease.prefixes, given.prefixes, pd, prefixesNamed, age, wished);
  return {
    lease: {
      ...given,
      addresses,
      prefixes,
      configuration: defined(given.configuration, lease.configuration),
    },
    isUnbound: [
      ...lease.addresses.map((held) => answerTo(held, na)),
      ...lease.prefixes.map((held) => answerTo(held, pd)),
    ].some((answer) => answer !== undefined && statusOf(answer) === StatusCode.NoBinding),
  };
}

function update<Item extends LeasedAddress | LeasedPrefix>(
  held: readonly LeasedAssociation<Item>[],
  given: readonly LeasedAssociation<Item>[],
  answers: readonly IdentityAssociation[],
  named: (answer: IdentityAssociation) => readonly string[],
  age: number,
  wished: number,
): LeasedAssociation<Item>[] {
  const updated = held.flatMap((association) => {
    const answer = answerTo(association, answers);
    const old = ageAssociation(association, age);
    if (answer === undefined || !hasOrderedTimes(answer)) {
      return [old];
    }
    if (statusOf(answer) === StatusCode.NotOnLink) {
      return [];
    }
    const fresh = given.find(({ iaid }) => iaid === association.iaid);
    if (fresh === undefined) {
      return [old];
    }
    const mentioned = named(answer);
    return [
      { ...fresh, items: [...fresh.items, ...old.items.filter((item) => !mentioned.includes(nameOf(item)))] },
    ];
  });
  const extra = given.filter(({ iaid }) => iaid === wished && !held.some((one) => one.iaid === wished));
  return [...updated, ...extra].filter(({ items }) => items.length > 0);
}

function answerTo<Item>(
  { iaid }: LeasedAssociation<Item>,
  answers: readonly IdentityAssociation[],
): IdentityAssociation | undefined {
  return answers.find((answer) => answer.iaid === iaid);
}

function statusOf({ options }: IdentityAssociation): number {
  return readOption(options, StatusCodeOption)?.code ?? StatusCode.Success;
}

function nameOf(item: LeasedAddress | LeasedPrefix): string {
  return 'address' in item ? item.address : item.prefix;
}

function addressesNamed({ options }: IdentityAssociation): string[] {
  return readOptions(options, IaAddressOption).map(({ address }) => formatIpv6(address));
}

function prefixesNamed({ options }: IdentityAssociation): string[] {
  return readOptions(options, IaPrefixOption).map(
    ({ prefix, prefixLength }) => `${formatIpv6(prefix)}/${prefixLength}`,
  );
}

/** Absent values do not hide those that were there. */
function defined(given: Configuration, before: Configuration): Configuration {
  return {
    ...given,
    informationRefreshTime: given.informationRefreshTime ?? before.informationRefreshTime,
    fqdn: given.fqdn ?? before.fqdn,
  };
}
