// SPDX-License-Identifier: MPL-2.0
import { checkCountable } from './check';
import { DecodeError } from './errors';
import { type DhcpOption, singleOption, withoutStrayOctets } from './option';

/**
 * One option's code and format. `decode` takes all of the option's data, or throws a DecodeError whose offset
 * counts from the data's first octet; Buffers in its value are views. `encode` throws an EncodeError.
 */
export interface OptionCodec<T> {
  readonly code: number;
  readonly decode: (data: Buffer) => T;
  readonly encode: (value: T) => Buffer;
  /** Where the options begin that it holds; undefined if it holds none. */
  readonly optionsAt?: number;
}

/** @throws EncodeError */
export function makeOption<T>(codec: OptionCodec<T>, value: T): DhcpOption {
  const data = codec.encode(value);
  checkCountable(data.length, 'value');
  return { code: codec.code, data };
}

/**
 * The value of an option that is there at most once.
 *
 * @throws DecodeError `repeated-option`, or what its format is refused for
 */
export function readOption<T>(options: readonly DhcpOption[], codec: OptionCodec<T>): T | undefined {
  const option = singleOption(options, codec.code);
  return option === undefined ? undefined : codec.decode(option.data);
}

/** The values of an option that may be repeated, in their order. @throws DecodeError */
export function readOptions<T>(options: readonly DhcpOption[], codec: OptionCodec<T>): T[] {
  return options.filter(({ code }) => code === codec.code).map(({ data }) => codec.decode(data));
}

/** As {@link readOptions}, but stray octets behind the options that one holds are no fault. @throws DecodeError */
export function readOptionsTolerantly<T>(options: readonly DhcpOption[], codec: OptionCodec<T>): T[] {
  return options
    .filter(({ code }) => code === codec.code)
    .map(({ data }) => codec.decode(withoutStrayOctets(data, codec.optionsAt ?? data.length)));
}

/**
 * The first value of an option that can be read: for a receiver that ignores an option that is malformed or repeated and
 * uses the rest of the message.
 */
export function readSoundOption<T>(options: readonly DhcpOption[], codec: OptionCodec<T>): T | undefined {
  for (const { code, data } of options) {
    try {
      if (code === codec.code) {
        return codec.decode(data);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) {
        throw error;
      }
    }
  }
  return undefined;
}
