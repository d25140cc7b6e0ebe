// SPDX-License-Identifier: MPL-2.0

import { hmac } from '../bridge';
import { CryptoError } from './errors';
import { KdfId } from './suite';
import { wipe } from './wipe';

/** HKDF (RFC 5869) with one hash, as RFC 9180 section 7.2 lists it. */
export interface Kdf {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** Octets of Extract's output. */
  readonly Nh: number;
}

const kdfs: ReadonlyMap<number, Kdf> = new Map<number, Kdf>([
  [KdfId.HkdfSha256, { hash: 'sha256', Nh: 32 }],
  [KdfId.HkdfSha384, { hash: 'sha384', Nh: 48 }],
  [KdfId.HkdfSha512, { hash: 'sha512', Nh: 64 }],
]);

/** @throws CryptoError `algorithm-not-supported` for an unknown kdf_id */
export function kdfById(kdfId: number): Kdf {
  const kdf = kdfs.get(kdfId);
  if (kdf === undefined) {
    throw new CryptoError('algorithm-not-supported', `kdf_id 0x${kdfId.toString(16).padStart(4, '0')}`);
  }
  return kdf;
}

const version = Buffer.from('HPKE-v1', 'ascii');
const MAX_BLOCKS = 255;

/** LabeledExtract and LabeledExpand of RFC 9180 section 4 under one suite_id. */
export class LabeledKdf {
  private readonly prefix: Buffer;

  constructor(
    readonly kdf: Kdf,
    suiteId: Buffer,
  ) {
    this.prefix = Buffer.concat([version, suiteId]);
  }

  labeledExtract(salt: Buffer, label: string, ikm: Buffer): Buffer {
    const labeledIkm = Buffer.concat([this.prefix, Buffer.from(label, 'ascii'), ikm]);
    const prk = hmac(this.kdf.hash, this.kdf.Nh, salt, labeledIkm);
    wipe(labeledIkm);
    return prk;
  }

  /** @throws CryptoError `export-length-invalid` beyond RFC 5869's 255 blocks */
  labeledExpand(prk: Buffer, label: string, info: Buffer, length: number): Buffer {
    const { hash, Nh } = this.kdf;
    if (!Number.isInteger(length) || length < 0 || length > MAX_BLOCKS * Nh) {
      throw new CryptoError('export-length-invalid', `${length} octets, HKDF gives up to ${MAX_BLOCKS * Nh}`);
    }
    const lengthOctets = Buffer.of(length >> 8, length & 0xff);
    const labeledInfo = Buffer.concat([lengthOctets, this.prefix, Buffer.from(label, 'ascii'), info]);
    const blocks: Buffer[] = [];
    let previous: Buffer = Buffer.alloc(0);
    for (let counter = 1; (counter - 1) * Nh < length; counter += 1) {
      const input = Buffer.concat([previous, labeledInfo, Buffer.of(counter)]);
      previous = hmac(hash, Nh, prk, input);
      wipe(input);
      blocks.push(previous);
    }
    const whole = blocks.length === 1 ? previous : Buffer.concat(blocks);
    if (blocks.length > 1) {
      wipe(...blocks);
    }
    wipe(whole.subarray(length));
    return whole.subarray(0, length);
  }
}
