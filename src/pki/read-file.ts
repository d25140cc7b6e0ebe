// SPDX-License-Identifier: MPL-2.0

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { systemErrorText } from '../support';
import { PkiError } from './errors';

/** Far above any bundle or CRL that a DHCP server should load, far below what would hurt. */
const MAX_FILE_LENGTH = 64 * 1024 * 1024;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a whole file, without the byte order mark that some editors put in front of text.
 * @throws PkiError `file-unreadable`, `file-too-large` or `file-empty`
 */
export function readWholeFile(path: string): Buffer {
  const octets = readRegularFile(path);
  if (octets.length === 0) {
    throw new PkiError('file-empty', path, 'the file is empty');
  }
  return octets.subarray(0, 3).equals(byteOrderMark) ? octets.subarray(3) : octets;
}

function readRegularFile(path: string): Buffer {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) {
        throw new PkiError(
          'file-unreadable',
          path,
          status.isDirectory() ? 'it is a directory' : 'it is no file',
        );
      }
      if (status.size > MAX_FILE_LENGTH) {
        throw new PkiError('file-too-large', path, `${status.size} octets, the most is ${MAX_FILE_LENGTH}`);
      }
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof PkiError) {
      throw error;
    }
    throw new PkiError('file-unreadable', path, systemErrorText(error), { cause: error });
  }
}
