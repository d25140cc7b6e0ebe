// SPDX-License-Identifier: MPL-2.0

import { INFINITY } from '../../dhcpv6';
import type { LeasedAddress } from '../lease';
import type { RunCommand } from './command';

/**
 * Puts an address on an interface, or gives it new lifetimes.
 * @param what address and length of its prefix, `/` between
 * @param lifetimes in seconds
 */
export function replaceAddress(
  run: RunCommand,
  interfaceName: string,
  what: string,
  { validLifetime, preferredLifetime }: Pick<LeasedAddress, 'validLifetime' | 'preferredLifetime'>,
): ReturnType<RunCommand> {
  const lifetimes = ['valid_lft', lifetime(validLifetime), 'preferred_lft', lifetime(preferredLifetime)];
  return run('ip', ['-6', 'address', 'replace', what, 'dev', interfaceName, ...lifetimes]);
}

function lifetime(seconds: number): string {
  return seconds === INFINITY ? 'forever' : String(seconds);
}
