// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import { KeyTableError } from '../../../src/engine/key-table';
import { decodeRecord, encodeRecord, type KeyRecord } from '../../../src/engine/key-table/record';
import { usedKey } from '../../../src/engine/key-table/keys';
import { certifiedClient, digest } from './support/clients';

const octets = (min: number, max: number) =>
  fc.uint8Array({ minLength: min, maxLength: max }).map((array) => Buffer.from(array));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });

/** No name is empty: that is how none is told. */
const name = optional(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 255 }));

const records: fc.Arbitrary<KeyRecord> = fc.record({
  identity: fc.record({
    keyId: octets(32, 32),
    spki: octets(0, 600),
    kind: fc.constantFrom('certificate', 'public-key'),
    certified: optional(fc.record({ issuer: octets(32, 32), names: optional(octets(32, 32)) })),
    notAfter: optional(uint48),
    hostNames: optional(fc.record({ uri: name, dns: name, commonName: name })),
    certification: optional(
      fc.record({ path: fc.array(octets(16, 16), { maxLength: 10 }), anchors: octets(16, 16) }),
    ),
    text: fc.string({ unit: 'grapheme', maxLength: 300 }),
  }),
  last: optional(fc.record({ timestamp: uint64, received: uint64 })),
  lastUsed: uint48,
  source: optional(octets(16, 16)),
});

describe("a key's record", () => {
  test('decode after encode is the identity', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeRecord(record.identity.keyId, encodeRecord(record))).toEqual(record);
      }),
    );
  });

  test('any octets are a record or a KeyTableError', () => {
    const keyId = Buffer.alloc(32);
    const mangled = fc
      .tuple(records, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.integer({ min: -3, max: 3 }))
      .map(([record, at, value, more]) => {
        const encoded = encodeRecord(record);
        encoded[at % encoded.length] = value;
        return more < 0 ? encoded.subarray(0, more) : Buffer.concat([encoded, Buffer.alloc(more)]);
      });
    fc.assert(
      fc.property(fc.oneof(octets(0, 100), mangled), (encoded) => {
        const outcome = outcomeOf(() => decodeRecord(keyId, encoded));
        if (outcome instanceof Error) {
          expect(outcome).toBeInstanceOf(KeyTableError);
          expect(outcome).toMatchObject({ code: 'read-failed' });
        } else {
          expect(decodeRecord(keyId, encodeRecord(outcome))).toMatchObject({ lastUsed: outcome.lastUsed });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes less than 1 KiB with its indices for an RSA-4096 key, and an eighth more for a certificate’s names and path', () => {
    const keyId = digest('key');
    const client = certifiedClient('rsa', 'printer-17.building-4.example.org');
    const record: KeyRecord = {
      identity: { ...client, keyId, spki: Buffer.alloc(550) },
      last: { timestamp: 1n, received: 2n },
      lastUsed: 1,
      source: Buffer.alloc(16),
    };
    expect(octetsOf(record)).toBeLessThan(1024);
    const dns = 'printer-17.building-4.example.org';
    const hostNames = { uri: undefined, dns, commonName: dns };
    const certification = { path: [Buffer.alloc(16), Buffer.alloc(16)], anchors: Buffer.alloc(16) };
    const identity = { ...record.identity, hostNames, certification };
    expect(octetsOf({ ...record, identity })).toBeLessThan(1024 + 128);
  });
});

function outcomeOf(decode: () => KeyRecord): KeyRecord | Error {
  try {
    return decode();
  } catch (error) {
    return error as Error;
  }
}

/** With the indices; LMDB adds to each entry 8 octets and its offset. */
function octetsOf(record: KeyRecord): number {
  const { keyId } = record.identity;
  const entries = [
    [keyId, encodeRecord(record)],
    [usedKey(record), Buffer.alloc(0)],
    [Buffer.alloc(18), keyId],
    [Buffer.alloc(18), keyId],
    [Buffer.alloc(16), keyId],
  ];
  return entries.flat().reduce((sum, part) => sum + part.length, entries.length * 10);
}
