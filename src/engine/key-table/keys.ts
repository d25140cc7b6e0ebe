// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { sourceLength } from './record';

const timeLength = 6;

/** The key of a record in the order of use. */
export function usedKey(lastUsed: number, keyId: Buffer): Buffer {
  const time = Buffer.alloc(timeLength);
  time.writeUIntBE(lastUsed, 0, timeLength);
  return Buffer.concat([time, keyId]);
}

export function readUsedKey(key: Buffer): { readonly lastUsed: number; readonly keyId: Buffer } {
  return { lastUsed: key.readUIntBE(0, timeLength), keyId: key.subarray(timeLength) };
}

/** A source is a string of any length: its Interface-Id may be long. */
export function sourceDigest(source: string): Buffer {
  return createHash('sha256').update(source).digest().subarray(0, sourceLength);
}
