// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, ElapsedTimeOption, makeOption } from '../../dhcpv6';

/** Elapsed Time counts hundredths of a second and stays at its largest value (RFC 8415 section 21.9). */
const MAX_ELAPSED_TIME = 0xffff;

export function elapsedTime(milliseconds: number): DhcpOption {
  return makeOption(ElapsedTimeOption, Math.min(Math.floor(milliseconds / 10), MAX_ELAPSED_TIME));
}
