// SPDX-License-Identifier: MPL-2.0

import { type Lease, leaseStatus } from '../../../src/client';
import { leaseOf } from './support/daemon-set-up';

const INFINITY = 0xffffffff;
const obtained = Date.UTC(2026, 0, 1);
const after = (seconds: number): number => obtained + seconds * 1000;

test('what is left of lifetimes, and when T1, T2 and the end are', () => {
  const status = leaseStatus(leaseOf({ prefix: true }, obtained), after(30));
  expect(status).toMatchObject({
    isUsable: true,
    isInformation: false,
    t1: after(50),
    t2: after(80),
    expiry: after(100),
    lease: {
      addresses: [{ items: [{ preferredLifetime: 45, validLifetime: 70 }] }],
      prefixes: [{ items: [{ preferredLifetime: 45, validLifetime: 70 }] }],
    },
  });
});

test('it is usable to the last second of its valid lifetime', () => {
  const lease = leaseOf({}, obtained);
  expect(leaseStatus(lease, after(99)).isUsable).toBe(true);
  const over = leaseStatus(lease, after(100));
  expect(over.isUsable).toBe(false);
  expect(over.lease.addresses.flatMap(({ items }) => items)).toEqual([]);
});

test('infinity stays, and never ends', () => {
  const times = { t1: INFINITY, t2: INFINITY, preferred: INFINITY, valid: INFINITY };
  expect(leaseStatus(leaseOf(times, obtained), after(1e9))).toMatchObject({
    isUsable: true,
    t1: Infinity,
    t2: Infinity,
    expiry: Infinity,
    lease: { addresses: [{ items: [{ validLifetime: INFINITY }] }] },
  });
});

test('a lease of a time to come is of no use: somebody has set the clock', () => {
  expect(leaseStatus(leaseOf({ prefix: true }, obtained), after(-1))).toMatchObject({
    isUsable: false,
    isUntimely: true,
    lease: { addresses: [], prefixes: [] },
  });
  expect(leaseStatus(leaseOf({}, obtained), after(0)).isUntimely).toBe(false);
});

test('information is fresh until it is to be asked for again (RFC 8415 section 21.23)', () => {
  const { configuration, ...rest } = leaseOf({}, obtained);
  const lease: Lease = {
    ...rest,
    addresses: [],
    configuration: { ...configuration, informationRefreshTime: 700 },
  };
  expect(leaseStatus(lease, after(699))).toMatchObject({
    isInformation: true,
    isUsable: true,
    t1: after(700),
  });
  expect(leaseStatus(lease, after(700)).isUsable).toBe(false);
});
