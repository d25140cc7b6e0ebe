// SPDX-License-Identifier: MPL-2.0

import { EncodeError, parseIpv6 } from '../../dhcpv6';
import type { Lease, LeasedAddress, LeasedAssociation, LeasedPrefix } from './lease';

/**
 * Bits of a delegated prefix: a registry gives a whole provider a /32, and no site has more; of less than a /64 no link
 * can be made (RFC 4291 section 2.5.1, RFC 7084 L-2).
 */
const MIN_PREFIX_LENGTH = 32;
const MAX_PREFIX_LENGTH = 64;

interface Range {
  readonly name: string;
  readonly octets: Buffer;
  /** Bits. */
  readonly length: number;
}

function range(name: string, address: string, length: number): Range {
  return { name, octets: parseIpv6(address), length };
}

/**
 * RFC 4291 section 2.4: whatever is none of these is to be taken for global unicast (a unique local address, RFC 4193,
 * included). The first that fits names the fault.
 */
const NOT_UNICAST: readonly Range[] = [
  range('the unspecified address', '::', 128),
  range('the loopback address', '::1', 128),
  range('an IPv4-mapped address', '::ffff:0:0', 96),
  range('of the range ::/8, which holds no address of a host', '::', 8),
  range('a link-local address', 'fe80::', 10),
  range('a multicast address', 'ff00::', 8),
];

/** Why nothing may make this address one of the host's; undefined if it is global unicast or unique local. */
export function addressProblem(address: string): string | undefined {
  const octets = parse(address);
  return octets === undefined ? 'no IPv6 address' : rangeProblem(octets, 128);
}

/** Why nothing may route this prefix here; undefined if it may be. @param prefix with its length, `/` between */
export function prefixProblem(prefix: string): string | undefined {
  const [, address = '', digits = ''] = /^([^/]*)\/(\d{1,3})$/.exec(prefix) ?? [];
  const octets = parse(address);
  if (octets === undefined) {
    return 'no IPv6 prefix';
  }
  const length = Number(digits);
  if (length < MIN_PREFIX_LENGTH || length > MAX_PREFIX_LENGTH) {
    return `of ${length} bits, and only ${MIN_PREFIX_LENGTH} to ${MAX_PREFIX_LENGTH} are one site's`;
  }
  return rangeProblem(octets, length);
}

function parse(address: string): Buffer | undefined {
  try {
    return parseIpv6(address);
  } catch (error) {
    if (error instanceof EncodeError) {
      return undefined;
    }
    throw error;
  }
}

/** A prefix that has a range in it is of that range as much as one that is in it. */
function rangeProblem(octets: Buffer, length: number): string | undefined {
  return NOT_UNICAST.find((one) => {
    const shared = Math.min(length, one.length);
    return firstBits(octets, shared) === firstBits(one.octets, shared);
  })?.name;
}

function firstBits(octets: Buffer, length: number): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0'));
  return bits.join('').slice(0, length);
}

/** The part of a lease that may be put on this host. */
export function applicablePart(lease: Lease): Lease {
  return {
    ...lease,
    addresses: keep(lease.addresses, ({ address }) => addressProblem(address) === undefined),
    prefixes: keep(lease.prefixes, ({ prefix }) => prefixProblem(prefix) === undefined),
  };
}

function keep<Item extends LeasedAddress | LeasedPrefix>(
  associations: readonly LeasedAssociation<Item>[],
  isKept: (item: Item) => boolean,
): LeasedAssociation<Item>[] {
  return associations
    .map((association) => ({ ...association, items: association.items.filter(isKept) }))
    .filter(({ items }) => items.length > 0);
}

/** What of a lease may not be put on this host, and why; for people. */
export function inapplicableParts({ addresses, prefixes }: Lease): string[] {
  const problems = [
    ...addresses.flatMap(({ items }) =>
      items.map(({ address }) => ['the address', address, addressProblem(address)] as const),
    ),
    ...prefixes.flatMap(({ items }) =>
      items.map(({ prefix }) => ['the prefix', prefix, prefixProblem(prefix)] as const),
    ),
  ];
  return problems.flatMap(([what, text, problem]) =>
    problem === undefined ? [] : [`${what} ${text} is ${problem}`],
  );
}
