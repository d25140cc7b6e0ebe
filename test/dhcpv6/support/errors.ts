// SPDX-License-Identifier: MPL-2.0
import { DecodeError, type DecodeErrorCode, EncodeError, type EncodeErrorCode } from '../../../src/dhcpv6';
import { thrownBy } from '../../support/thrown-by';

export function expectDecodeError(action: () => unknown, code: DecodeErrorCode, offset: number): void {
  const error = thrownBy(action);
  expect(error).toBeInstanceOf(DecodeError);
  expect(error).toMatchObject({ code, offset });
}

export function expectEncodeError(action: () => unknown, code: EncodeErrorCode, argument: string): void {
  const error = thrownBy(action);
  expect(error).toBeInstanceOf(EncodeError);
  expect(error).toMatchObject({ code, argument });
}

/** The value, or the DecodeError. Anything else that is thrown is thrown on. */
export function valueOrDecodeError<T>(action: () => T): { value: T } | { error: DecodeError } {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof DecodeError) {
      return { error };
    }
    throw error;
  }
}
