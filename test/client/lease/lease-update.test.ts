// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  IaAddressOption,
  IaNaOption,
  makeOption,
  type Message,
  MessageType,
  parseIpv6,
  StatusCode,
  StatusCodeOption,
} from '../../../src/dhcpv6';
import type { Lease } from '../../../src/client';
import {
  readConfiguration,
  readLeasedAddresses,
  readLeasedPrefixes,
} from '../../../src/client/lease/lease-options';
import { updateLease } from '../../../src/client/lease/lease-update';
import { leaseOf } from '../daemon/support/daemon-set-up';

const held = leaseOf({ address: '2001:db8::1' }, 0);

function address(text: string, valid: number, preferred = Math.min(75, valid)): DhcpOption {
  const lifetimes = { preferredLifetime: preferred, validLifetime: valid };
  return makeOption(IaAddressOption, { address: parseIpv6(text), ...lifetimes, options: [] });
}

function status(code: number): DhcpOption {
  return makeOption(StatusCodeOption, { code, message: '' });
}

/** The update by a Reply 30 seconds after the lease was obtained. */
function replied(
  options: readonly DhcpOption[] | undefined,
  times = { t1: 50, t2: 80 },
): ReturnType<typeof updateLease> {
  const message: Message = {
    msgType: MessageType.Reply,
    transactionId: 1,
    options: options === undefined ? [] : [makeOption(IaNaOption, { iaid: 7, ...times, options })],
  };
  const given: Lease = {
    ...held,
    serverName: 'CN=other',
    obtained: 30_000,
    addresses: readLeasedAddresses(message, [7]),
    prefixes: readLeasedPrefixes(message, [7]),
    configuration: readConfiguration(message),
  };
  return updateLease(held, given, message, 7);
}

function addresses({ lease }: ReturnType<typeof updateLease>): (readonly [string, number])[] {
  return lease.addresses.flatMap(({ items }) =>
    items.map((item) => [item.address, item.validLifetime] as const),
  );
}

describe('RFC 8415 section 18.2.10.1', () => {
  test('what the Reply gives is taken, with its times', () => {
    const update = replied([address('2001:db8::1', 100)]);
    expect(addresses(update)).toEqual([['2001:db8::1', 100]]);
    expect(update.isUnbound).toBe(false);
  });

  test('a valid lifetime of 0 ends an address, and a new one takes its place', () => {
    expect(addresses(replied([address('2001:db8::1', 0), address('2001:db8::2', 100)]))).toEqual([
      ['2001:db8::2', 100],
    ]);
  });

  test('an address that is not mentioned stays and grows older', () => {
    expect(addresses(replied([address('2001:db8::2', 100)]))).toEqual([
      ['2001:db8::2', 100],
      ['2001:db8::1', 70],
    ]);
  });

  test('an association that is not there, or whose T1 is after its T2, changes nothing', () => {
    expect(addresses(replied(undefined))).toEqual([['2001:db8::1', 70]]);
    expect(addresses(replied([address('2001:db8::1', 100)], { t1: 9, t2: 8 }))).toEqual([
      ['2001:db8::1', 70],
    ]);
  });

  test('NoBinding asks for a Request; NotOnLink ends the association; another failure leaves it', () => {
    const unbound = replied([status(StatusCode.NoBinding)]);
    expect(unbound.isUnbound).toBe(true);
    expect(addresses(unbound)).toEqual([['2001:db8::1', 70]]);
    expect(addresses(replied([status(StatusCode.NotOnLink)]))).toEqual([]);
    const failed = replied([status(StatusCode.UnspecFail)]);
    expect(failed.isUnbound).toBe(false);
    expect(addresses(failed)).toEqual([['2001:db8::1', 70]]);
  });

  test('21.6: what is named with a preferred lifetime beyond the valid one is as if it were not named', () => {
    const nonsense = address('2001:db8::1', 20, 30);
    expect(addresses(replied([nonsense]))).toEqual([['2001:db8::1', 70]]);
    expect(addresses(replied([nonsense, address('2001:db8::2', 100)]))).toEqual([
      ['2001:db8::2', 100],
      ['2001:db8::1', 70],
    ]);
    expect(addresses(replied([address('2001:db8::1', 0, 30)]))).toEqual([['2001:db8::1', 70]]);
  });

  test('a failure ends what it names with a valid lifetime of 0, and gives nothing', () => {
    const failure = status(StatusCode.NoAddrsAvail);
    expect(addresses(replied([failure, address('2001:db8::1', 0)]))).toEqual([]);
    expect(addresses(replied([failure, address('2001:db8::1', 100)]))).toEqual([['2001:db8::1', 70]]);
    expect(addresses(replied([failure, address('2001:db8::2', 0)]))).toEqual([['2001:db8::1', 70]]);
  });

  test('a Reply answers where it gives or ends something; only one that gives makes its server the lease’s', () => {
    const failure = status(StatusCode.NoAddrsAvail);
    const given = replied([address('2001:db8::1', 100)]);
    expect([given.isAnswered, given.lease.serverName]).toEqual([true, 'CN=other']);
    const ended = replied([failure, address('2001:db8::1', 0)]);
    expect([ended.isAnswered, ended.lease.serverName]).toEqual([true, 'CN=dhcp']);
    for (const nothing of [replied([failure]), replied(undefined)]) {
      expect([nothing.isAnswered, nothing.lease.serverName]).toEqual([false, 'CN=dhcp']);
    }
  });
});
