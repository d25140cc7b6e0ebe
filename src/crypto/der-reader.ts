// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from './errors';

/** The ASN.1 tags that keys are made of. */
export const Tag = {
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  Oid: 0x06,
  Sequence: 0x30,
} as const;

type TagNumber = (typeof Tag)[keyof typeof Tag];

/**
 * Reads DER and nothing else (ITU-T X.690 section 10): definite lengths in their shortest form, minimal
 * integers. Every refusal is a CryptoError `key-malformed` that names what was read and where.
 */
export class DerReader {
  private offset = 0;

  /** @param what names the value in errors, for instance `SubjectPublicKeyInfo` */
  constructor(
    private readonly octets: Buffer,
    private readonly what: string,
  ) {}

  /** The contents of the next element, which must carry `tag`. */
  read(tag: TagNumber, name: string): Buffer {
    const found = this.octet(name);
    if (found !== tag) {
      throw this.malformed(name, `tag 0x${found.toString(16)} where 0x${tag.toString(16)} belongs`);
    }
    const length = this.length(name);
    if (length > this.octets.length - this.offset) {
      throw this.malformed(name, 'longer than what is left');
    }
    const contents = this.octets.subarray(this.offset, this.offset + length);
    this.offset += length;
    return contents;
  }

  sequence(name: string): DerReader {
    return new DerReader(this.read(Tag.Sequence, name), `${this.what} ${name}`);
  }

  /** A non-negative INTEGER without its sign octet, so that its first octet is not zero unless it is 0. */
  unsignedInteger(name: string): Buffer {
    const contents = this.read(Tag.Integer, name);
    const [first, second] = contents;
    if (first === undefined) {
      throw this.malformed(name, 'an integer without octets');
    }
    if (first >= 0x80) {
      throw this.malformed(name, 'negative');
    }
    if (first === 0 && second !== undefined) {
      if (second < 0x80) {
        throw this.malformed(name, 'not minimal');
      }
      return contents.subarray(1);
    }
    return contents;
  }

  /** The octets of a BIT STRING that holds whole octets. */
  bitStringOctets(name: string): Buffer {
    const contents = this.read(Tag.BitString, name);
    if (contents[0] !== 0) {
      throw this.malformed(name, contents.length === 0 ? 'a bit string without octets' : 'unused bits');
    }
    return contents.subarray(1);
  }

  null(name: string): void {
    if (this.read(Tag.Null, name).length !== 0) {
      throw this.malformed(name, 'NULL with contents');
    }
  }

  /** The tag of the next element, undefined at the end. */
  peekTag(): number | undefined {
    return this.octets[this.offset];
  }

  /** Throws unless everything has been read. */
  end(): void {
    if (this.offset !== this.octets.length) {
      throw this.malformed('end', `${this.octets.length - this.offset} octets too many`);
    }
  }

  private octet(name: string): number {
    const octet = this.octets[this.offset];
    if (octet === undefined) {
      throw this.malformed(name, 'missing');
    }
    this.offset += 1;
    return octet;
  }

  private length(name: string): number {
    const first = this.octet(name);
    if (first < 0x80) {
      return first;
    }
    const count = first & 0x7f;
    if (count === 0) {
      throw this.malformed(name, 'indefinite length');
    }
    if (count > 2) {
      throw this.malformed(name, 'a length of more than two octets');
    }
    let length = 0;
    for (let index = 0; index < count; index += 1) {
      length = length * 256 + this.octet(name);
    }
    if (length < 0x80 || (count === 2 && length < 0x100)) {
      throw this.malformed(name, 'a length that is not minimal');
    }
    return length;
  }

  private malformed(name: string, why: string): CryptoError {
    return new CryptoError('key-malformed', `${this.what}, ${name} before octet ${this.offset}: ${why}`);
  }
}
