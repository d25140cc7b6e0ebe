// SPDX-License-Identifier: MPL-2.0

import { formatIpv6 } from '../../dhcpv6';
import type { Configuration } from '../lease/lease';

/** Variables of a script's environment; an empty value is no variable. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Names that a script may use, without their last dot. One with anything but letters, digits, hyphens, underscores and
 * dots is not for a shell, and one that begins with a hyphen would be an option of the program that it is given to.
 */
export function safeNames(names: readonly string[]): string[] {
  return names.filter((name) => /^\w[\w.-]*$/.test(name)).map((name) => name.replace(/\.$/, ''));
}

const addressDigits = 32;

/** The addresses of an option that is a list of them; none if it is something else. */
export function addressesOf({ options = {} }: Configuration, code: number): string[] {
  const digits = options[String(code)] ?? '';
  return digits.length % addressDigits === 0
    ? (digits.match(/.{32}/g) ?? []).map((address) => formatIpv6(Buffer.from(address, 'hex')))
    : [];
}
