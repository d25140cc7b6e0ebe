// SPDX-License-Identifier: MPL-2.0

import { PkiError } from '../../../src/pki';

/** The PkiError that the call throws; any other outcome fails the test. */
export function pkiError(call: () => unknown): PkiError {
  try {
    call();
  } catch (error) {
    if (error instanceof PkiError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

export async function pkiRejection(promise: Promise<unknown>): Promise<PkiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof PkiError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}
