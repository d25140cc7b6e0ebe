// SPDX-License-Identifier: MPL-2.0

import { clearIdentity, type Lease } from '../../../src/client';
import { decodeDuid } from '../../../src/dhcpv6';

/** Octets that count up, so that each is seen where it goes. */
function counting(): (octets: number) => Buffer {
  let next = 0xf0;
  return (octets) => Buffer.from(Array.from({ length: octets }, () => next++ & 0xff));
}

function leaseOf(encrypted: boolean, clientIdentifier: Buffer, iaid: number): Lease {
  return {
    encrypted,
    clientIdentifier: clientIdentifier.toString('hex'),
    serverIdentifier: '00030001000000000001',
    serverName: 'x',
    serverKey: '',
    obtained: 0,
    addresses: [{ iaid, t1: 1, t2: 2, items: [] }],
    prefixes: [],
    configuration: { dnsServers: [], domainSearch: [], informationRefreshTime: undefined, fqdn: undefined },
  };
}

const own = Buffer.from('00030001aabbccddeeff', 'hex');

test('without a lease in clear: a DUID-UUID of version 4 and an IAID, both random', () => {
  const { clientIdentifier, iaid } = clearIdentity(undefined, undefined, counting());
  expect(decodeDuid(clientIdentifier)).toEqual({
    kind: 'duid-uuid',
    uuid: Buffer.from('f0f1f2f3f4f546f7b8f9fafbfcfdfeff', 'hex'),
  });
  expect(iaid).toBe(0x00010203);
});

test('a lease in clear keeps its DUID and IAID', () => {
  const kept = clearIdentity(leaseOf(false, own, 7), undefined, counting());
  expect(kept).toEqual({ clientIdentifier: own, iaid: 7 });
});

test('nothing comes from an encrypted lease', () => {
  const { clientIdentifier, iaid } = clearIdentity(leaseOf(true, own, 7), undefined, counting());
  expect(clientIdentifier).not.toEqual(own);
  expect(iaid).not.toBe(7);
});

test('a configured DUID comes first, and another DUID has another IAID', () => {
  const other = Buffer.from('000300010102030405', 'hex');
  expect(clearIdentity(leaseOf(false, own, 7), other, counting())).toEqual({
    clientIdentifier: other,
    iaid: 0xf0f1f2f3,
  });
  expect(clearIdentity(leaseOf(false, own, 7), own, counting()).iaid).toBe(7);
});
