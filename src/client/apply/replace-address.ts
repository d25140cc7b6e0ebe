// SPDX-License-Identifier: MPL-2.0

import { INFINITY } from '../../dhcpv6';
import type { LeasedAddress } from '../lease/lease';
import type { RunCommand } from './command';

/**
 * Puts an address on an interface, or gives it new lifetimes. It brings no route to its prefix: the kernel would keep that
 * after the address, which has a lifetime, is gone.
 * @param what address and length of its prefix, `/` between
 * @param lifetimes in seconds
 */
export function replaceAddress(
  run: RunCommand,
  interfaceName: string,
  what: string,
  lifetimes: Pick<LeasedAddress, 'validLifetime' | 'preferredLifetime'>,
): ReturnType<RunCommand> {
  const { validLifetime, preferredLifetime } = lifetimes;
  const values = ['valid_lft', lifetime(validLifetime), 'preferred_lft', lifetime(preferredLifetime)];
  return run('ip', ['-6', 'address', 'replace', what, 'dev', interfaceName, ...values, 'noprefixroute']);
}

/** RTPROT_DHCP of Linux, which marks these routes. */
export const routeProtocol = ['proto', '16'] as const;

/** Puts the prefix of an address on an interface, for as long as the address lives. */
export function replaceLinkRoute(
  run: RunCommand,
  interfaceName: string,
  prefix: string,
  { validLifetime }: Pick<LeasedAddress, 'validLifetime'>,
): ReturnType<RunCommand> {
  const expires = validLifetime === INFINITY ? [] : ['expires', String(validLifetime)];
  return run('ip', ['-6', 'route', 'replace', prefix, 'dev', interfaceName, ...routeProtocol, ...expires]);
}

function lifetime(seconds: number): string {
  return seconds === INFINITY ? 'forever' : String(seconds);
}
