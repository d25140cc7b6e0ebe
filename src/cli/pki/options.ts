// SPDX-License-Identifier: MPL-2.0

import { InvalidArgumentError, Option } from 'commander';
import { issuedKeyTypes } from '../../pki';

export function directoryOption(): Option {
  return new Option('--directory <directory>', "the authority's directory").makeOptionMandatory();
}

export function keyTypeOption(): Option {
  return new Option('--key-type <type>', 'the kind of key to make').choices(issuedKeyTypes).default('P-256');
}

export function daysOption(days: number, description = 'days until the certificate expires'): Option {
  return new Option('--days <days>', description).argParser(parseDays).default(days);
}

export function forceOption(): Option {
  return new Option('--force', 'overwrite files that exist').default(false);
}

export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON').default(false);
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

/** @throws InvalidArgumentError */
function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > 36_500) {
    throw new InvalidArgumentError('It must be a number of days from 1 to 36500.');
  }
  return days;
}

/**
 * An ISO 8601 time with its zone, or seconds since 1970; the result is in milliseconds.
 * @throws InvalidArgumentError
 */
export function parseTime(text: string): number {
  if (/^\d{1,11}$/.test(text)) {
    return Number(text) * 1000;
  }
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(time) || !isDay(text.slice(0, 10))) {
    throw new InvalidArgumentError('It must be a time such as 2026-01-31T12:00:00Z, or seconds since 1970.');
  }
  return time;
}

/** Date.parse takes 30 February for 2 March. */
function isDay(text: string): boolean {
  return new Date(text).toISOString().startsWith(text);
}

/** @throws InvalidArgumentError */
export function parseSerial(text: string): string {
  const digits = text.replaceAll(':', '').toLowerCase();
  if (!/^(?:[0-9a-f]{2}){1,20}$/.test(digits)) {
    throw new InvalidArgumentError('It must be a serial number in hexadecimal, as pki show prints it.');
  }
  // The sign octet of an INTEGER is not part of the number.
  return digits.replace(/^(?:00)+(?=..)/, '');
}
