// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import type { ClientIdentity } from './client-identity';
import { type KeyRecord, sourceLength } from './record';

const timeLength = 6;
/** Bare keys before those of certificates. */
const ranks = { 'public-key': 0, certificate: 1 } as const;
const afterAll = 2;

/** The key of a record in the order in which records have to go: rank, time of the last use, key identifier. */
export function usedKey(record: Pick<KeyRecord, 'identity' | 'lastUsed'>): Buffer {
  const { kind, keyId } = record.identity;
  const rankAndTime = Buffer.of(ranks[kind], 0, 0, 0, 0, 0, 0);
  rankAndTime.writeUIntBE(record.lastUsed, 1, timeLength);
  return Buffer.concat([rankAndTime, keyId]);
}

export function readUsedKey(key: Buffer): { readonly lastUsed: number; readonly keyId: Buffer } {
  return { lastUsed: key.readUIntBE(1, timeLength), keyId: key.subarray(1 + timeLength) };
}

/** Where the records of one kind are, in that order. */
export function usedRange(kind: ClientIdentity['kind']): { readonly start: Buffer; readonly end: Buffer } {
  return {
    start: Buffer.of(ranks[kind]),
    end: Buffer.of(kind === 'certificate' ? afterAll : ranks.certificate),
  };
}

/** A source is a string of any length: its Interface-Id may be long. */
export function sourceDigest(source: string): Buffer {
  return createHash('sha256').update(source).digest().subarray(0, sourceLength);
}
