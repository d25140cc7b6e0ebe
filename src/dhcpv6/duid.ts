// SPDX-License-Identifier: MPL-2.0
import { checkInteger, MAX_UINT16 } from './check';
import { DecodeError, EncodeError } from './errors';
import { OctetReader } from './octet-reader';
import { OctetWriter } from './octet-writer';

/** DUID types, RFC 8415 sections 11.2 to 11.5. */
export const DuidType = { Llt: 1, En: 2, Ll: 3, Uuid: 4 } as const;

/** RFC 8415 section 11.2: DUID-LLT. */
export interface DuidLlt {
  readonly kind: 'duid-llt';
  /** IANA's hardware types; 1 is Ethernet */
  readonly hardwareType: number;
  /** seconds since 2000-01-01T00:00:00Z, modulo 2^32 */
  readonly time: number;
  readonly linkLayerAddress: Buffer;
}

/** RFC 8415 section 11.3: DUID-EN. */
export interface DuidEn {
  readonly kind: 'duid-en';
  readonly enterpriseNumber: number;
  readonly identifier: Buffer;
}

/** RFC 8415 section 11.4: DUID-LL. */
export interface DuidLl {
  readonly kind: 'duid-ll';
  /** IANA's hardware types; 1 is Ethernet */
  readonly hardwareType: number;
  readonly linkLayerAddress: Buffer;
}

/** RFC 8415 section 11.5, RFC 6355: DUID-UUID. */
export interface DuidUuid {
  readonly kind: 'duid-uuid';
  /** 16 octets */
  readonly uuid: Buffer;
}

/** Any other type. */
export interface DuidUnknown {
  readonly kind: 'unknown';
  readonly type: number;
  readonly data: Buffer;
}

export type Duid = DuidLlt | DuidEn | DuidLl | DuidUuid | DuidUnknown;

/** A type code, then 1 to 128 octets: RFC 8415 section 11.1. */
const TYPE_LENGTH = 2;
export const MIN_DUID_LENGTH = TYPE_LENGTH + 1;
export const MAX_DUID_LENGTH = TYPE_LENGTH + 128;

const UUID_LENGTH = 16;

/** All that a receiver may look at: RFC 8415 section 11 makes a DUID opaque to everyone but its maker. */
export function isDuidLength(length: number): boolean {
  return length >= MIN_DUID_LENGTH && length <= MAX_DUID_LENGTH;
}

/**
 * What a DUID is made of, for display. Whether two DUIDs are the same is seen from their octets alone.
 *
 * @throws DecodeError `truncated`, `trailing-octets`
 */
export function decodeDuid(octets: Buffer): Duid {
  if (octets.length < MIN_DUID_LENGTH) {
    throw new DecodeError('truncated', octets.length, `${octets.length} octets are no DUID`);
  }
  if (octets.length > MAX_DUID_LENGTH) {
    throw new DecodeError('trailing-octets', MAX_DUID_LENGTH, `${octets.length} octets are no DUID`);
  }
  const reader = new OctetReader(octets, 'DUID');
  const type = reader.uint16('type');
  switch (type) {
    case DuidType.Llt: {
      const hardwareType = reader.uint16('hardware type');
      const time = reader.uint32('time');
      return { kind: 'duid-llt', hardwareType, time, linkLayerAddress: reader.remaining() };
    }
    case DuidType.En: {
      const enterpriseNumber = reader.uint32('enterprise-number');
      return { kind: 'duid-en', enterpriseNumber, identifier: reader.remaining() };
    }
    case DuidType.Ll: {
      const hardwareType = reader.uint16('hardware type');
      return { kind: 'duid-ll', hardwareType, linkLayerAddress: reader.remaining() };
    }
    case DuidType.Uuid: {
      const uuid = reader.take(UUID_LENGTH, 'UUID');
      reader.finish();
      return { kind: 'duid-uuid', uuid };
    }
    default:
      return { kind: 'unknown', type, data: reader.remaining() };
  }
}

function writeDuid(duid: Duid): OctetWriter {
  const writer = new OctetWriter();
  switch (duid.kind) {
    case 'duid-llt':
      return writer
        .uint16(DuidType.Llt, 'type')
        .uint16(duid.hardwareType, 'hardwareType')
        .uint32(duid.time, 'time')
        .octets(duid.linkLayerAddress);
    case 'duid-en':
      return writer
        .uint16(DuidType.En, 'type')
        .uint32(duid.enterpriseNumber, 'enterpriseNumber')
        .octets(duid.identifier);
    case 'duid-ll':
      return writer
        .uint16(DuidType.Ll, 'type')
        .uint16(duid.hardwareType, 'hardwareType')
        .octets(duid.linkLayerAddress);
    case 'duid-uuid':
      return writer.uint16(DuidType.Uuid, 'type').fixed(duid.uuid, UUID_LENGTH, 'uuid');
    case 'unknown':
      if (duid.type >= DuidType.Llt && duid.type <= DuidType.Uuid) {
        throw new EncodeError('out-of-range', 'type', `${duid.type} is a known type, with a kind of its own`);
      }
      checkInteger(duid.type, 0, MAX_UINT16, 'type');
      return writer.uint16(duid.type, 'type').octets(duid.data);
  }
}

/** Refuses what is too short or too long for a DUID. @throws EncodeError `wrong-length` */
export function checkDuid(octets: Buffer, argument: string): void {
  if (!isDuidLength(octets.length)) {
    const range = `${MIN_DUID_LENGTH} to ${MAX_DUID_LENGTH}`;
    throw new EncodeError('wrong-length', argument, `${octets.length} octets; a DUID has ${range}`);
  }
}

/** @throws EncodeError `out-of-range`, `wrong-length` */
export function encodeDuid(duid: Duid): Buffer {
  const octets = writeDuid(duid).finish();
  checkDuid(octets, 'duid');
  return octets;
}

/** Colons between hexadecimal octets, as Kea prints it: `00:03:00:01:02:00:5e:10:00:01`. */
export function formatDuid(octets: Buffer): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(':');
}

/**
 * The octets of a DUID written in hexadecimal, with a colon between all octets or none.
 *
 * @throws EncodeError `invalid-duid`
 */
export function parseDuid(text: string): Buffer {
  if (!/^[\da-f]{2}(?:(?::[\da-f]{2})*|(?:[\da-f]{2})*)$/i.test(text)) {
    throw new EncodeError(
      'invalid-duid',
      'duid',
      `${JSON.stringify(text)} is not written in hexadecimal octets`,
    );
  }
  const octets = Buffer.from(text.replaceAll(':', ''), 'hex');
  if (!isDuidLength(octets.length)) {
    const range = `${MIN_DUID_LENGTH} to ${MAX_DUID_LENGTH}`;
    throw new EncodeError('invalid-duid', 'duid', `${octets.length} octets; a DUID has ${range}`);
  }
  return octets;
}
