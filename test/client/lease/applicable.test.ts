// SPDX-License-Identifier: MPL-2.0

import {
  addressProblem,
  applicablePart,
  inapplicableParts,
  prefixProblem,
} from '../../../src/client/lease/applicable';
import { leaseOf } from '../daemon/support/daemon-set-up';

const reserved = 'of the range ::/8, which holds no address of a host';
const ofBits = (bits: number): string => `of ${bits} bits, and only 32 to 64 are one site's`;

/** RFC 4291 section 2.4: what is of no other kind is global unicast; RFC 4193: unique local addresses. */
test.each([
  '2001:db8::1',
  '2000::',
  '3fff::1',
  'fd00::1',
  'fc12::',
  '4000::1',
  '100::1',
  'fec0::1',
  'fe7f::1',
])('the address %s may be put on a host', (address) => {
  expect(addressProblem(address)).toBeUndefined();
});

test.each([
  ['::', 'the unspecified address'],
  ['::1', 'the loopback address'],
  ['::ffff:192.0.2.1', 'an IPv4-mapped address'],
  ['::192.0.2.1', reserved],
  ['64:ff9b::c000:201', reserved],
  ['fe80::1', 'a link-local address'],
  ['febf:ffff::1', 'a link-local address'],
  ['ff02::1', 'a multicast address'],
  ['2001:db8::1; reboot', 'no IPv6 address'],
])('the address %s may not: it is %s', (address, problem) => {
  expect(addressProblem(address)).toBe(problem);
});

test.each([
  '2001:db8::/32',
  '2001:db8:1::/48',
  '2001:db8:1:ff00::/56',
  '2001:db8:1:2::/64',
  'fd12:3456:789a::/48',
])('the prefix %s may be routed', (prefix) => {
  expect(prefixProblem(prefix)).toBeUndefined();
});

test.each([
  ['2000::/3', ofBits(3)],
  ['::/0', ofBits(0)],
  ['2001:da8::/31', ofBits(31)],
  ['2001:db8::/65', ofBits(65)],
  ['2001:db8::1/128', ofBits(128)],
  ['ff00::/32', 'a multicast address'],
  ['ff0e:1::/48', 'a multicast address'],
  ['fe80::/64', 'a link-local address'],
  ['::/64', 'the unspecified address'],
  ['64:ff9b::/48', reserved],
  ['2001:db8::', 'no IPv6 prefix'],
  ['x/56', 'no IPv6 prefix'],
])('the prefix %s may not: it is %s', (prefix, problem) => {
  expect(prefixProblem(prefix)).toBe(problem);
});

test('of a lease only the part that may is put on the host, and the rest is named', () => {
  const lease = leaseOf({ prefix: true }, 0);
  const [addresses] = lease.addresses;
  const [prefixes] = lease.prefixes;
  const lifetimes = { preferredLifetime: 75, validLifetime: 100 };
  const mixed = {
    ...lease,
    addresses: [{ ...addresses!, items: [...addresses!.items, { address: 'fe80::1', ...lifetimes }] }],
    prefixes: [{ ...prefixes!, iaid: 8, items: [{ prefix: '2000::/3', ...lifetimes }] }, ...lease.prefixes],
  };
  expect(applicablePart(mixed)).toEqual(lease);
  expect(inapplicableParts(lease)).toEqual([]);
  expect(inapplicableParts(mixed)).toEqual([
    'the address fe80::1 is a link-local address',
    `the prefix 2000::/3 is ${ofBits(3)}`,
  ]);
});
