// SPDX-License-Identifier: MPL-2.0

import { DecodeError, type DhcpOption, formatIpv6, NtpServerOption, type NtpSuboption } from '../../dhcpv6';
import type { TimeServers } from './lease';

const multicastOctet = 0xff;

/**
 * The time servers of a message (RFC 5908): one in each NTP Server option. An option that is malformed, or has a
 * multicast address in place of a server's or the reverse, is left out; it does not invalidate the lease.
 */
export function readTimeServers(options: readonly DhcpOption[]): TimeServers {
  const sources = options
    .filter(({ code }) => code === NtpServerOption.code)
    .flatMap(({ data }) => read(data));
  return {
    addresses: sources.flatMap((one) =>
      one.kind === 'server-address' && !isMulticast(one.address) ? [formatIpv6(one.address)] : [],
    ),
    multicastAddresses: sources.flatMap((one) =>
      one.kind === 'multicast-address' && isMulticast(one.address) ? [formatIpv6(one.address)] : [],
    ),
    names: sources.flatMap((one) => (one.kind === 'server-name' ? [one.name] : [])),
  };
}

function read(data: Buffer): readonly NtpSuboption[] {
  try {
    return NtpServerOption.decode(data);
  } catch (error) {
    if (error instanceof DecodeError) {
      return [];
    }
    throw error;
  }
}

function isMulticast(address: Buffer): boolean {
  return address[0] === multicastOctet;
}
