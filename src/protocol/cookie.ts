// SPDX-License-Identifier: MPL-2.0

import { createHmac, timingSafeEqual } from 'node:crypto';
import { type RandomOctets, wipe } from '../crypto';

/** Where a message comes from (docs/protocol.md 7). */
export interface CookieSource {
  /** What tells the link: the link-address of the relay agent nearest to the client, or the interface; any length. */
  readonly link: Buffer;
  /** peer-address of the relay agent nearest to the client, or the client's own address: 16 octets. */
  readonly peerAddress: Buffer;
  /** Source address of the datagram: 16 octets. */
  readonly datagramAddress: Buffer;
}

interface CookieKey {
  /** 8 bits. */
  readonly generation: number;
  /** Unix seconds. */
  readonly madeAt: number;
  readonly key: Buffer;
}

const keyLength = 32;
const macLength = 16;
/** generation (1) and time (4). */
const headLength = 5;
export const COOKIE_LENGTH = headLength + macLength;

/** Seconds that a key makes cookies. */
const keyPeriod = 3600;
/** Seconds that a cookie is good. */
const cookieLifetime = 7200;

/** The first 16 octets of HMAC-SHA-256(K, generation || time || link || peer-address || address of the datagram). */
function mac(key: Buffer, head: Buffer, { link, peerAddress, datagramAddress }: CookieSource): Buffer {
  return createHmac('sha256', key)
    .update(head)
    .update(link)
    .update(peerAddress)
    .update(datagramAddress)
    .digest()
    .subarray(0, macLength);
}

function newKey(generation: number, now: number, random: RandomOctets): CookieKey {
  return { generation, madeAt: now, key: random(keyLength) };
}

/**
 * The keys of a server's cookies, in the form that docs/protocol.md 7 recommends: generation (1 octet) || time (4) || MAC
 * (16). A key makes cookies for an hour and verifies them for another. Times are Unix seconds, whole or not.
 */
export class CookieKeys {
  private constructor(
    private current: CookieKey,
    private previous: CookieKey | undefined,
  ) {}

  static fresh(now: number, random: RandomOctets): CookieKeys {
    return new CookieKeys(newKey(0, now, random), undefined);
  }

  /**
   * Makes a new key where the present one's hour is over, and overwrites the one that is good no more. A clock that was
   * set back by an hour or more ends it as well.
   * @returns whether it did
   */
  advance(now: number, random: RandomOctets): boolean {
    if (Math.abs(now - this.current.madeAt) < keyPeriod) {
      return false;
    }
    if (this.previous !== undefined) {
      wipe(this.previous.key);
    }
    this.previous = this.current;
    this.current = newKey((this.current.generation + 1) & 0xff, now, random);
    return true;
  }

  /** When `advance` has something to do. */
  get changesAt(): number {
    return this.current.madeAt + keyPeriod;
  }

  /** A cookie for a source: 21 octets. */
  make(now: number, source: CookieSource): Buffer {
    const { generation, key } = this.current;
    const head = Buffer.alloc(headLength);
    head.writeUInt8(generation, 0);
    head.writeUInt32BE(Math.floor(now) % 2 ** 32, 1);
    return Buffer.concat([head, mac(key, head, source)]);
  }

  /** Whether a cookie was made for this source in the last two hours. Takes as long for each MAC that is wrong. */
  verify(cookie: Buffer, now: number, source: CookieSource): boolean {
    if (cookie.length !== COOKIE_LENGTH) {
      return false;
    }
    const generation = cookie.readUInt8(0);
    const known = [this.current, this.previous].find((key) => key?.generation === generation);
    // What lies ahead is as old as the counter of the seconds is long.
    const age = (Math.floor(now) - cookie.readUInt32BE(1)) >>> 0;
    if (known === undefined || age >= cookieLifetime) {
      return false;
    }
    const expected = mac(known.key, cookie.subarray(0, headLength), source);
    return timingSafeEqual(expected, cookie.subarray(headLength));
  }

  /** The keys, for other workers and for the next start: the caller's to wipe. */
  serialize(): Buffer {
    const keys = this.previous === undefined ? [this.current] : [this.current, this.previous];
    return Buffer.concat(
      keys.map(({ generation, madeAt, key }) => {
        const head = Buffer.alloc(recordLength - keyLength);
        head.writeUInt8(generation, 0);
        head.writeDoubleBE(madeAt, 1);
        return Buffer.concat([head, key]);
      }),
    );
  }

  /** The keys that `serialize` gave; undefined for what it cannot have given. */
  static deserialize(octets: Buffer): CookieKeys | undefined {
    const isWhole = octets.length === recordLength || octets.length === 2 * recordLength;
    const keys = isWhole
      ? [0, recordLength].map((at) => readKey(octets.subarray(at, at + recordLength)))
      : [];
    const [current, previous] = keys;
    if (current === undefined || !Number.isFinite(current.madeAt)) {
      return undefined;
    }
    return new CookieKeys(current, previous);
  }
}

/** generation (1), madeAt (8), key. */
const recordLength = 1 + 8 + keyLength;

function readKey(record: Buffer): CookieKey | undefined {
  if (record.length === 0) {
    return undefined;
  }
  return {
    generation: record.readUInt8(0),
    madeAt: record.readDoubleBE(1),
    key: Buffer.from(record.subarray(recordLength - keyLength)),
  };
}
