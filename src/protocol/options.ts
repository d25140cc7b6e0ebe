// SPDX-License-Identifier: MPL-2.0

import { decodeTimestamp } from '../crypto';
import {
  DecodeError,
  decodeMessage,
  type DhcpOption,
  isDuidLength,
  type Message,
  OptionCode,
} from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError, type ProtocolErrorCode } from './errors';

const TIMESTAMP_LENGTH = 8;
const DIGEST_LENGTH = 32;
const MAX_COOKIE_LENGTH = 64;
const MAX_KEMS = 16;
const KEM_ID_LENGTH = 2;
/** kem_id (2) and lifetime (4). */
const ENCRYPTION_KEY_HEADER_LENGTH = 6;

/**
 * Decodes a client/server message (RFC 9915 section 8).
 *
 * @throws {@link ProtocolError} `code` where it is malformed
 */
export function decodeWhole(octets: Buffer, code: ProtocolErrorCode = 'malformed'): Message {
  try {
    return decodeMessage(octets);
  } catch (error) {
    if (error instanceof DecodeError) {
      throw new ProtocolError(code, error.message, { cause: error });
    }
    throw error;
  }
}

/**
 * The data of an option that may occur once; undefined when it is absent.
 *
 * @throws {@link ProtocolError} `option-repeated`
 */
export function optionalData(options: readonly DhcpOption[], code: number, name: string): Buffer | undefined {
  let found: Buffer | undefined;
  for (const option of options) {
    if (option.code === code) {
      if (found !== undefined) {
        throw new ProtocolError('option-repeated', `more than one ${name} option`);
      }
      found = option.data;
    }
  }
  return found;
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) {
    throw new ProtocolError('option-missing', `no ${name} option`);
  }
  return value;
}

/** @throws {@link ProtocolError} `option-missing`, `option-repeated` */
export function requiredData(options: readonly DhcpOption[], code: number, name: string): Buffer {
  return required(optionalData(options, code, name), name);
}

function wrongLength(name: string, data: Buffer): ProtocolError {
  return new ProtocolError('option-length', `${name} option of ${String(data.length)} octets`);
}

/** An Encryption Key (docs/protocol.md 2). Whether the key can be used is for its KEM to say. */
export interface EncryptionKey {
  readonly kemId: number;
  /** Seconds from the Timestamp of the message that carries it; servers ignore a client's. */
  readonly lifetime: number;
  /** As RFC 9180 section 7.1.1 serializes it. */
  readonly publicKey: Buffer;
}

/** What a client says of its own key's lifetime (docs/protocol.md 2). */
export const UNLIMITED_LIFETIME = 0xffffffff;

/** @throws {@link ProtocolError} `option-length` */
export function decodeEncryptionKey(data: Buffer): EncryptionKey {
  if (data.length <= ENCRYPTION_KEY_HEADER_LENGTH) {
    throw wrongLength('Encryption Key', data);
  }
  return {
    kemId: data.readUInt16BE(0),
    lifetime: data.readUInt32BE(2),
    publicKey: data.subarray(ENCRYPTION_KEY_HEADER_LENGTH),
  };
}

export function encodeEncryptionKey({ kemId, lifetime, publicKey }: EncryptionKey): Buffer {
  const head = Buffer.allocUnsafe(ENCRYPTION_KEY_HEADER_LENGTH);
  head.writeUInt16BE(kemId, 0);
  head.writeUInt32BE(lifetime, 2);
  return Buffer.concat([head, publicKey]);
}

/** kem_ids, most wanted first; unknown ones and repetitions are as they come. @throws {@link ProtocolError} `option-length` */
function decodeKemList(data: Buffer): number[] {
  const count = data.length / KEM_ID_LENGTH;
  if (!Number.isInteger(count) || count < 1 || count > MAX_KEMS) {
    throw wrongLength('KEM List', data);
  }
  return Array.from({ length: count }, (_, index) => data.readUInt16BE(index * KEM_ID_LENGTH));
}

export function encodeKemList(kemIds: readonly number[]): Buffer {
  const data = Buffer.allocUnsafe(kemIds.length * KEM_ID_LENGTH);
  kemIds.forEach((kemId, index) => data.writeUInt16BE(kemId, index * KEM_ID_LENGTH));
  return data;
}

/** Reads the options that this protocol adds, each of which a message has at most once (docs/protocol.md 2, 3). */
export class ProtocolOptions {
  constructor(
    private readonly codePoints: CodePoints,
    private readonly options: readonly DhcpOption[],
  ) {}

  /** NTP timestamp, 64 bits. @throws {@link ProtocolError} `option-repeated`, `option-length` */
  timestamp(): bigint | undefined {
    const data = this.find('timestamp', 'Timestamp', TIMESTAMP_LENGTH);
    return data === undefined ? undefined : decodeTimestamp(data);
  }

  /** @throws {@link ProtocolError} `option-missing`, `option-repeated`, `option-length` */
  requiredTimestamp(): bigint {
    return required(this.timestamp(), 'Timestamp');
  }

  /** SHA-256 of the sender's SubjectPublicKeyInfo. @throws {@link ProtocolError} `option-repeated`, `option-length` */
  keyIdentifier(): Buffer | undefined {
    return this.find('key-identifier', 'Key Identifier', DIGEST_LENGTH);
  }

  /** SHA-256 of the message that is answered. @throws {@link ProtocolError} `option-repeated`, `option-length` */
  requestDigest(): Buffer | undefined {
    return this.find('request-digest', 'Request Digest', DIGEST_LENGTH);
  }

  /** @throws {@link ProtocolError} `option-repeated`, `option-length` */
  encryptionKey(): EncryptionKey | undefined {
    const data = this.find('encryption-key', 'Encryption Key');
    return data === undefined ? undefined : decodeEncryptionKey(data);
  }

  /** @throws {@link ProtocolError} `option-missing`, `option-repeated`, `option-length` */
  requiredEncryptionKey(): EncryptionKey {
    return required(this.encryptionKey(), 'Encryption Key');
  }

  /** @throws {@link ProtocolError} `option-missing`, `option-repeated`, `option-length` */
  requiredKemList(): number[] {
    return decodeKemList(required(this.find('kem-list', 'KEM List'), 'KEM List'));
  }

  /** 1 to 64 octets. @throws {@link ProtocolError} `option-repeated`, `option-length` */
  cookie(): Buffer | undefined {
    const data = this.find('cookie', 'Cookie');
    if (data !== undefined && (data.length === 0 || data.length > MAX_COOKIE_LENGTH)) {
      throw wrongLength('Cookie', data);
    }
    return data;
  }

  /** The server's DUID. @throws {@link ProtocolError} `option-missing`, `option-repeated`, `option-length` */
  requiredServerIdentifier(): Buffer {
    const data = requiredData(this.options, OptionCode.ServerIdentifier, 'Server Identifier');
    if (!isDuidLength(data.length)) {
      throw wrongLength('Server Identifier', data);
    }
    return data;
  }

  private find(code: keyof CodePoints['optionCodes'], name: string, length?: number): Buffer | undefined {
    const data = optionalData(this.options, this.codePoints.optionCodes[code], name);
    if (data !== undefined && length !== undefined && data.length !== length) {
      throw wrongLength(name, data);
    }
    return data;
  }
}

/** The Cookie of a client's message. @throws {@link ProtocolError} `malformed`, `option-repeated`, `option-length` */
export function readCookie(codePoints: CodePoints, octets: Buffer): Buffer | undefined {
  return new ProtocolOptions(codePoints, decodeWhole(octets).options).cookie();
}
