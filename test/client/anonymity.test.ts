// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync } from 'node:crypto';
import {
  anonymousIdentity,
  type AnonymousIdentity,
  type AnonymousRequest,
  type RandomSource,
  freshSigner,
  systemRandomSource,
} from '../../src/client';
import { optionRequest } from '../../src/client/lease/lease-request';
import { deriveDuid } from '../../src/crypto';
import { decodeDuid, OptionRequestOption } from '../../src/dhcpv6';
import type { Signer } from '../../src/protocol';

const second = Date.UTC(2026, 0, 1);
const named: Signer = { ...freshSigner(), chain: [Buffer.from('a certificate')] };
const plain: AnonymousRequest = {
  address: true,
  prefix: false,
  rapidCommit: false,
  certified: undefined,
  announce: undefined,
};

function identity(
  request: Partial<AnonymousRequest> = {},
  source: RandomSource = systemRandomSource,
): AnonymousIdentity {
  return anonymousIdentity({ ...plain, ...request }, source);
}

/** Everything by which an observer could link two identities. */
function marks({ signer, leaseRequest, opportunistic }: AnonymousIdentity): (string | number)[] {
  return [
    signer.key.public.spki.toString('hex'),
    ...[leaseRequest, opportunistic?.leaseRequest].flatMap((one) =>
      one === undefined ? [] : [one.clientIdentifier.toString('hex'), one.iaid],
    ),
  ];
}

const announce = (): void => undefined;

test('no two identities have anything in common, nor has one in clear with itself under encryption', () => {
  const all = [0, 1, 2].flatMap(() => marks(identity({ announce })));
  expect(all).toHaveLength(15);
  expect(new Set(all).size).toBe(all.length);
});

test('without a certificate it has a bare P-256 key that was made for this', () => {
  const { signer } = identity();
  expect(signer.chain).toEqual([]);
  expect(signer.key.public.keyType).toBe('P-256');
  expect(signer.key.public.spki).not.toEqual(named.key.public.spki);
});

test('the DUID is the one derived from the fresh key, as servers demand of a bare key', () => {
  const { signer, leaseRequest } = identity();
  expect(leaseRequest.clientIdentifier).toEqual(deriveDuid(signer.key.public.spki));
});

test('the DUID of a certificate is the one that fits its key', () => {
  const { signer, leaseRequest } = identity({ certified: named });
  expect(signer).toBe(named);
  expect(leaseRequest.clientIdentifier).toEqual(deriveDuid(named.key.public.spki));
});

test('nothing is sent in clear unless that was asked for; then with another DUID, which is derived from no key', () => {
  expect(identity().opportunistic).toBeUndefined();
  for (const certified of [undefined, named]) {
    const { signer, opportunistic } = identity({ announce, certified });
    const clear = opportunistic?.leaseRequest;
    expect(decodeDuid(clear?.clientIdentifier ?? Buffer.alloc(0)).kind).toBe('duid-uuid');
    for (const one of [signer, named]) {
      expect(clear?.clientIdentifier).not.toEqual(deriveDuid(one.key.public.spki));
    }
    expect(clear?.fqdn).toBeUndefined();
  }
});

test('asks for the options that everybody asks for, in the order of their codes, and sends no name', () => {
  const { leaseRequest } = identity();
  expect(leaseRequest).toMatchObject({ fqdn: undefined, address: true, prefix: false, rapidCommit: false });
  expect(OptionRequestOption.decode(optionRequest(leaseRequest).data)).toEqual([23, 24, 82, 83]);
  expect(OptionRequestOption.decode(optionRequest({ moreOptions: [56, 17] }, [32]).data)).toEqual([
    17, 23, 24, 32, 56, 82, 83,
  ]);
});
test('all that is random comes from what is passed in', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let next = 0;
  const source: RandomSource = {
    octets: (count) => Buffer.from(Array.from({ length: count }, () => next++)),
    key: () => privateKey,
    now: () => second,
  };
  const { signer, leaseRequest, opportunistic } = identity({ announce }, source);
  expect(signer.key.privateKey).toBe(privateKey);
  expect(leaseRequest.iaid).toBe(0x00010203);
  expect(opportunistic?.leaseRequest.clientIdentifier.toString('hex')).toBe(
    '00040405060708094a0b8c0d0e0f10111213',
  );
  expect(opportunistic?.leaseRequest.iaid).toBe(0x14151617);
});

test('timestamps tell the second and no more, and each is later than the last', () => {
  const source = (milliseconds: number): RandomSource => ({
    octets: (count) => Buffer.alloc(count, 1),
    key: () => named.key.privateKey,
    now: () => second + milliseconds,
  });
  const of = (milliseconds: number): bigint => identity({}, source(milliseconds)).timestamps.next();
  expect(of(999)).toBe(of(0));
  expect(of(1000) - of(0)).toBe(1n << 32n);
  const { timestamps } = identity({}, source(0));
  expect(timestamps.next()).toBeLessThan(timestamps.next());
  // The random part is one.
  const parts = new Set([1, 2, 3, 4, 5].map(() => identity().timestamps.next() & 0xffffffffn));
  expect(parts.size).toBeGreaterThan(1);
});
