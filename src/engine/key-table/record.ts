// SPDX-License-Identifier: MPL-2.0

import type { AcceptedTimestamp } from '../../crypto';
import { type Certification, certificationDigestLength } from './certification';
import type { CertifiedNames, ClientIdentity, HostNames } from './client-identity';
import { KeyTableError } from './errors';

/** What is remembered of a key. The key identifier is the record's key in the table. */
export interface KeyRecord {
  readonly identity: ClientIdentity;
  /** The last timestamp accepted from the key; undefined where it has shown none since its record is there. */
  readonly last: AcceptedTimestamp | undefined;
  /** Seconds since 1970. */
  readonly lastUsed: number;
  /** Digest of the source that the key last authenticated from. */
  readonly source: Buffer | undefined;
}

/** Of a key that has done nothing yet. */
export const newRecord = {
  last: undefined,
  lastUsed: 0,
  source: undefined,
} as const;

const version = 2;
const digestLength = 32;
export const sourceLength = 16;

const Flag = {
  Certificate: 0x01,
  Certified: 0x02,
  Names: 0x04,
  NotAfter: 0x08,
  Last: 0x10,
  Source: 0x20,
  HostNames: 0x40,
  Certification: 0x80,
} as const;

/**
 * version (1) | flags (2) | last used, s (6) | not after, ms (6)? | timestamp, received (16)? | issuer (32)? |
 * names (32)? | source (16)? | length (2), SPKI | length (2), text | three times length (1), name: uri, dns, commonName? | digest of anchors (16), number of
 * certificates (1), their digests (16 each)?. With an RSA-4096 key some 700 octets, 1 KiB with the indices; with P-256
 * half of that.
 */
export function encodeRecord(record: KeyRecord): Buffer {
  const { identity, last, source } = record;
  const { certified, notAfter, hostNames, certification } = identity;
  const names = certified?.names;
  const flags =
    (identity.kind === 'certificate' ? Flag.Certificate : 0) |
    (certified === undefined ? 0 : Flag.Certified) |
    (names === undefined ? 0 : Flag.Names) |
    (notAfter === undefined ? 0 : Flag.NotAfter) |
    (last === undefined ? 0 : Flag.Last) |
    (source === undefined ? 0 : Flag.Source) |
    (hostNames === undefined ? 0 : Flag.HostNames) |
    (certification === undefined ? 0 : Flag.Certification);
  const parts: Buffer[] = [Buffer.of(version), uint16(flags), uint48(record.lastUsed)];
  if (notAfter !== undefined) {
    parts.push(uint48(notAfter));
  }
  if (last !== undefined) {
    const times = Buffer.alloc(16);
    times.writeBigUInt64BE(last.timestamp, 0);
    times.writeBigUInt64BE(last.received, 8);
    parts.push(times);
  }
  parts.push(...present(certified?.issuer), ...present(names), ...present(source));
  const text = Buffer.from(identity.text);
  parts.push(uint16(identity.spki.length), identity.spki, uint16(text.length), text);
  if (hostNames !== undefined) {
    parts.push(...[hostNames.uri, hostNames.dns, hostNames.commonName].flatMap(nameParts));
  }
  if (certification !== undefined) {
    const { anchors, path } = certification;
    parts.push(anchors, Buffer.of(path.length), ...path);
  }
  return Buffer.concat(parts);
}

/** Seconds since 1970. @throws RangeError where the octets are no record */
export function readLastUsed(octets: Buffer): number {
  return octets.readUIntBE(3, 6);
}

/** @throws KeyTableError `read-failed` where the octets are no record, or more than one */
export function decodeRecord(keyId: Buffer, octets: Buffer): KeyRecord {
  const reader = new RecordReader(octets);
  if (reader.uint(1) !== version) {
    throw new KeyTableError('read-failed', `a record of version ${octets[0] ?? 'none'} in the key table`);
  }
  const flags = reader.uint(2);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const lastUsed = reader.uint(6);
  const notAfter = has(Flag.NotAfter) ? reader.uint(6) : undefined;
  const last = has(Flag.Last) ? { timestamp: reader.uint64(), received: reader.uint64() } : undefined;
  const issuer = has(Flag.Certified) ? reader.octets(digestLength) : undefined;
  const names = has(Flag.Names) ? reader.octets(digestLength) : undefined;
  const source = has(Flag.Source) ? reader.octets(sourceLength) : undefined;
  const spki = reader.octets(reader.uint(2));
  const text = reader.octets(reader.uint(2)).toString();
  const hostNames = has(Flag.HostNames) ? readHostNames(reader) : undefined;
  const certification = has(Flag.Certification) ? readCertification(reader) : undefined;
  reader.end();
  const certified: CertifiedNames | undefined = issuer === undefined ? undefined : { issuer, names };
  const kind = has(Flag.Certificate) ? 'certificate' : 'public-key';
  const identity: ClientIdentity = { keyId, spki, kind, certified, notAfter, certification, hostNames, text };
  return { identity, last, lastUsed, source };
}

function readCertification(reader: RecordReader): Certification {
  const digest = (): Buffer => reader.octets(certificationDigestLength);
  const anchors = digest();
  return { anchors, path: Array.from({ length: reader.uint(1) }, digest) };
}

/** No name has no octets, so that is how none is told. */
function nameParts(name: string | undefined): Buffer[] {
  const octets = Buffer.from(name ?? '');
  return [Buffer.of(octets.length), octets];
}

function readHostNames(reader: RecordReader): HostNames {
  const name = (): string | undefined => reader.octets(reader.uint(1)).toString() || undefined;
  return { uri: name(), dns: name(), commonName: name() };
}

function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(value);
  return octets;
}

/** Times before 1970 are as good as none: they are long past. */
function uint48(value: number): Buffer {
  const octets = Buffer.alloc(6);
  octets.writeUIntBE(Math.max(0, Math.floor(value)), 0, 6);
  return octets;
}

function present(octets: Buffer | undefined): Buffer[] {
  return octets === undefined ? [] : [octets];
}

class RecordReader {
  private at = 0;

  constructor(private readonly record: Buffer) {}

  uint(length: number): number {
    return this.octets(length).readUIntBE(0, length);
  }

  uint64(): bigint {
    return this.octets(8).readBigUInt64BE();
  }

  octets(length: number): Buffer {
    const end = this.at + length;
    if (end > this.record.length) {
      throw new KeyTableError('read-failed', 'a record of the key table ends too early');
    }
    const octets = this.record.subarray(this.at, end);
    this.at = end;
    return octets;
  }

  end(): void {
    if (this.at !== this.record.length) {
      throw new KeyTableError('read-failed', 'a record of the key table is longer than its parts');
    }
  }
}
