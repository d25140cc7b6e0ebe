// SPDX-License-Identifier: MPL-2.0
import { checkCountable, checkInteger, isUint16, MAX_UINT16 } from './check';
import { DecodeError } from './errors';

/** An option as RFC 8415 section 21.1 frames it; `data` is what its length counts. */
export interface DhcpOption {
  readonly code: number;
  readonly data: Buffer;
}

/** option-code (2) and option-len (2). */
export const OPTION_HEADER_LENGTH = 4;

/**
 * Decodes `octets` from `start` to `end`, all of it, as options. Offsets in errors count from octet 0.
 * @throws DecodeError `truncated`
 */
export function decodeOptionRange(octets: Buffer, start: number, end: number): DhcpOption[] {
  if (start > end) {
    throw new DecodeError('truncated', end, `the options would begin at octet ${start}`);
  }
  const options: DhcpOption[] = [];
  let at = start;
  while (at < end) {
    const dataAt = at + OPTION_HEADER_LENGTH;
    if (dataAt > end) {
      throw new DecodeError('truncated', at, `${end - at} octets are no option header`);
    }
    const code = octets.readUInt16BE(at);
    const next = dataAt + octets.readUInt16BE(at + 2);
    if (next > end) {
      throw new DecodeError(
        'truncated',
        at,
        `option ${code} has ${next - dataAt} octets, ${end - dataAt} left`,
      );
    }
    options.push({ code, data: octets.subarray(dataAt, next) });
    at = next;
  }
  return options;
}

/**
 * Decodes all octets from `start` on as options, in their order, unknown ones included.
 * Each option's data is a view into `octets`.
 *
 * @throws DecodeError `truncated`
 */
export function decodeOptions(octets: Buffer, start = 0): DhcpOption[] {
  return decodeOptionRange(octets, start, octets.length);
}

/**
 * The octets without those behind the last option that are too few for another's header, as Kea and others take what
 * they receive: some servers send them. Octets that end inside an option stay as they are.
 *
 * @param start where the options begin
 */
export function withoutStrayOctets(octets: Buffer, start: number): Buffer {
  let at = start;
  while (at + OPTION_HEADER_LENGTH <= octets.length) {
    at += OPTION_HEADER_LENGTH + octets.readUInt16BE(at + 2);
  }
  return at < octets.length ? octets.subarray(0, at) : octets;
}

/** How many octets an option takes, header included. */
export function optionLength(option: DhcpOption): number {
  return OPTION_HEADER_LENGTH + option.data.length;
}

/** How many octets the options from index `first` on take. */
export function optionsLength(options: readonly DhcpOption[], first = 0): number {
  let length = 0;
  for (let index = first; index < options.length; index += 1) {
    length += OPTION_HEADER_LENGTH + (options[index]?.data.length ?? 0);
  }
  return length;
}

/** Writes option-code and option-len at `at` and returns where the data go. */
export function writeOptionHeader(target: Buffer, at: number, code: number, length: number): number {
  target.writeUInt16BE(code, at);
  target.writeUInt16BE(length, at + 2);
  return at + OPTION_HEADER_LENGTH;
}

/**
 * Writes the options whose index is from `first` up to, not including, `last`, and returns where they end.
 * `argument` names the options in errors.
 * @throws EncodeError `out-of-range`, `too-long`
 */
export function writeOptions(
  target: Buffer,
  start: number,
  options: readonly DhcpOption[],
  argument = 'options',
  first = 0,
  last = options.length,
): number {
  let at = start;
  for (let index = first; index < last; index += 1) {
    const option = options[index];
    if (option !== undefined) {
      const { code, data } = option;
      // The names are only put together for an option that is refused.
      if (!isUint16(code) || !isUint16(data.length)) {
        checkInteger(code, 0, MAX_UINT16, `${argument}[${index}].code`);
        checkCountable(data.length, `${argument}[${index}].data`);
      }
      at = writeOptionHeader(target, at, code, data.length);
      target.set(data, at);
      at += data.length;
    }
  }
  return at;
}

/** `argument` names the options in errors. @throws EncodeError `out-of-range`, `too-long` */
export function encodeOptions(options: readonly DhcpOption[], argument = 'options'): Buffer {
  const octets = Buffer.allocUnsafe(optionsLength(options));
  writeOptions(octets, 0, options, argument);
  return octets;
}

/** The first option with this code. */
export function findOption(options: readonly DhcpOption[], code: number): DhcpOption | undefined {
  for (const option of options) {
    if (option.code === code) {
      return option;
    }
  }
  return undefined;
}

/**
 * The only option with this code, for options that must not be repeated.
 *
 * @throws DecodeError `repeated-option`, its offset counted from the first option
 */
export function singleOption(options: readonly DhcpOption[], code: number): DhcpOption | undefined {
  let found: DhcpOption | undefined;
  let offset = 0;
  for (const option of options) {
    if (option.code === code) {
      if (found !== undefined) {
        throw new DecodeError('repeated-option', offset, `option ${code} is there more than once`);
      }
      found = option;
    }
    offset += optionLength(option);
  }
  return found;
}
