// SPDX-License-Identifier: MPL-2.0

import {
  IaAddressOption,
  IaNaOption,
  IaPdOption,
  IaPrefixOption,
  formatIpv6,
  type IdentityAssociation,
  type Message,
  readOptionsTolerantly,
  StatusCode,
} from '../../dhcpv6';
import {
  type Configuration,
  isUsable,
  type Lease,
  type LeasedAddress,
  type LeasedAssociation,
  type LeasedPrefix,
} from './lease';
import { ageAssociation, ageLease, secondsLeft } from './lease-age';
import { hasOrderedLifetimes, hasOrderedTimes, prefixText } from './lease-options';
import { statusOf } from '../exchange/reply-status';

export interface LeaseUpdate {
  readonly lease: Lease;
  /** An association came back with NoBinding: the client is to request one. */
  readonly isUnbound: boolean;
  /** Every association did, and the Reply gives nothing: the server has nothing of the lease. */
  readonly isGone: boolean;
  /** Whether the Reply gives or ends anything; otherwise it answers nothing. */
  readonly isAnswered: boolean;
}

/**
 * What a Reply to a Renew or Rebind makes of a lease (RFC 8415 section 18.2.10.1): what it gives is taken, what it
 * ends with a lifetime of 0 is over, what it does not mention stays as it was.
 *
 * @param given what the message gives, without error status, as a lease of its own
 * @param requestedIaid the IAID of associations that the client lacks and requests
 */
export function updateLease(
  lease: Lease,
  given: Lease,
  message: Message,
  requestedIaid: number,
): LeaseUpdate {
  const age = Math.max(0, (given.obtained - lease.obtained) / 1000);
  const [na, pd] = [
    readOptionsTolerantly(message.options, IaNaOption),
    readOptionsTolerantly(message.options, IaPdOption),
  ];
  const addresses = update(lease.addresses, given.addresses, na, namedAddresses, age, requestedIaid);
  const prefixes = update(lease.prefixes, given.prefixes, pd, namedPrefixes, age, requestedIaid);
  const isGiven = isUsable(given);
  const isBound = [
    ...lease.addresses.map((held) => answerTo(held, na)),
    ...lease.prefixes.map((held) => answerTo(held, pd)),
  ].map((answer) => answer === undefined || statusOf(answer).code !== StatusCode.NoBinding);
  // A server that has given nothing has not taken the place of the lease's server.
  const { encrypted, serverIdentifier, serverName, serverKey } = isGiven ? given : lease;
  const updated = {
    ...given,
    ...{ encrypted, serverIdentifier, serverName, serverKey },
    addresses,
    prefixes,
    configuration: defined(given.configuration, lease.configuration),
  };
  return {
    lease: updated,
    isAnswered: isGiven || countItems(updated) < countItems(ageLease(lease, age, given.obtained)),
    isUnbound: isBound.includes(false),
    isGone: !isGiven && isBound.length > 0 && !isBound.includes(true),
  };
}

function update<Item extends LeasedAddress | LeasedPrefix>(
  held: readonly LeasedAssociation<Item>[],
  given: readonly LeasedAssociation<Item>[],
  answers: readonly IdentityAssociation[],
  namedIn: (answer: IdentityAssociation) => readonly Named[],
  age: number,
  requestedIaid: number,
): LeasedAssociation<Item>[] {
  const updated = held.flatMap((association) => {
    const answer = answerTo(association, answers);
    // After a Renew without effect the client chooses when to try again, and not at once (section 14.1).
    const times = { t1: secondsLeft(association.t1, age), t2: secondsLeft(association.t2, age) };
    const old = { ...ageAssociation(association, age), ...times };
    if (answer === undefined || !hasOrderedTimes(answer)) {
      return [old];
    }
    if (statusOf(answer).code === StatusCode.NotOnLink) {
      return [];
    }
    const named = namedIn(answer);
    const fresh = given.find(({ iaid }) => iaid === association.iaid);
    // A status other than Success gives nothing, but ends what it names with a lifetime of 0 all the same: that is how
    // a server without another address says that it has given this one to somebody else.
    return fresh === undefined
      ? [
          {
            ...old,
            items: without(
              old.items,
              named.filter(({ validLifetime }) => validLifetime === 0),
            ),
          },
        ]
      : [{ ...fresh, items: [...fresh.items, ...without(old.items, named)] }];
  });
  const extra = given.filter(
    ({ iaid }) => iaid === requestedIaid && !held.some((one) => one.iaid === requestedIaid),
  );
  return [...updated, ...extra].filter(({ items }) => items.length > 0);
}

function countItems({ addresses, prefixes }: Lease): number {
  return [...addresses, ...prefixes].reduce((sum, { items }) => sum + items.length, 0);
}

function answerTo<Item>(
  { iaid }: LeasedAssociation<Item>,
  answers: readonly IdentityAssociation[],
): IdentityAssociation | undefined {
  return answers.find((answer) => answer.iaid === iaid);
}

/** An address or prefix that an association names, with lifetimes that are not to be ignored (RFC 8415 sections 21.6 and 21.22). */
interface Named {
  readonly name: string;
  readonly validLifetime: number;
}

function without<Item extends LeasedAddress | LeasedPrefix>(
  items: readonly Item[],
  named: readonly Named[],
): Item[] {
  return items.filter((item) => !named.some(({ name }) => name === nameOf(item)));
}

function nameOf(item: LeasedAddress | LeasedPrefix): string {
  return 'address' in item ? item.address : item.prefix;
}

function namedAddresses({ options }: IdentityAssociation): Named[] {
  return readOptionsTolerantly(options, IaAddressOption)
    .filter(hasOrderedLifetimes)
    .map(({ address, validLifetime }) => ({ name: formatIpv6(address), validLifetime }));
}

function namedPrefixes({ options }: IdentityAssociation): Named[] {
  return readOptionsTolerantly(options, IaPrefixOption)
    .filter(hasOrderedLifetimes)
    .map(({ prefix, prefixLength, validLifetime }) => ({
      name: prefixText(prefix, prefixLength),
      validLifetime,
    }));
}

/** Absent values do not hide those that were there. */
function defined(given: Configuration, before: Configuration): Configuration {
  return {
    ...given,
    informationRefreshTime: given.informationRefreshTime ?? before.informationRefreshTime,
    fqdn: given.fqdn ?? before.fqdn,
  };
}
