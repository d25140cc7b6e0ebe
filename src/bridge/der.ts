// SPDX-License-Identifier: MPL-2.0

import { native } from './native';

/** ASN.1 tags as their identifier octet has them (ITU-T X.690 section 8.1.2): those of the fields that are read. */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  Oid: 0x06,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  Set: 0x31,
} as const;

export interface DerElement {
  readonly tag: number;
  /** Where it starts, in octets from the start of what was checked. */
  readonly offset: number;
  readonly contents: Buffer;
  /** Identifier, length and contents. */
  readonly encoded: Buffer;
}

/** Says what is not DER, or not the structure that was expected, and where. */
export class DerError extends Error {
  override readonly name = 'DerError';

  constructor(
    /** Octets from the start to the value at fault. */
    readonly offset: number,
    detail: string,
  ) {
    super(`${detail} (at octet ${offset})`);
  }
}

/** Octets: no arc that is assigned comes near it, and reading takes time by the square of the length. */
const MAX_OID_LENGTH = 256;

/**
 * Checks that the octets are one value in strict DER and nothing else. It is the one rule (native/bridge/path/der.h) for
 * whatever comes from outside, and is asked before anything else reads it.
 * @throws DerError
 */
export function checkDer(octets: Uint8Array): void {
  const problem = native.derProblem(octets);
  if (problem !== undefined) {
    throw new DerError(problem.offset, problem.detail);
  }
}

/**
 * Reads the fields of a constructed value one after the other. What is DER has been checked before; here is only said
 * which fields there must be. Buffers are views.
 */
export class DerReader {
  private at = 0;

  private constructor(
    private readonly contents: Buffer,
    private readonly base: number,
  ) {}

  /**
   * Checks the octets as `checkDer` does and reads their one element.
   * @throws DerError also if that has another tag
   */
  static open(octets: Buffer, tag: number, name: string): DerReader {
    return DerReader.wrap(octets).constructed(tag, name);
  }

  /**
   * Checks the octets as `checkDer` does; the reader stands before their one element.
   * @throws DerError
   */
  static wrap(octets: Buffer): DerReader {
    checkDer(octets);
    return new DerReader(octets, 0);
  }

  /** The elements inside a constructed element. */
  static inside(element: DerElement): DerReader {
    return new DerReader(element.contents, element.offset + element.encoded.length - element.contents.length);
  }

  /** The tag of the next element, undefined at the end. */
  get nextTag(): number | undefined {
    return this.contents[this.at];
  }

  /** The offset of the next element, for errors. */
  get offset(): number {
    return this.base + this.at;
  }

  /**
   * The next element.
   * @throws DerError if there is none, or it carries none of the tags
   */
  element(name: string, ...tags: readonly number[]): DerElement {
    const { nextTag: tag, offset, at } = this;
    if (tag === undefined) {
      throw new DerError(offset, `${name} is missing`);
    }
    if (tags.length > 0 && !tags.includes(tag)) {
      throw new DerError(offset, `tag 0x${tag.toString(16)} where ${name} belongs`);
    }
    const first = this.contents.readUInt8(at + 1);
    const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + lengthOctets;
    this.at = start + (lengthOctets === 0 ? first : this.contents.readUIntBE(at + 2, lengthOctets));
    return {
      tag,
      offset,
      contents: this.contents.subarray(start, this.at),
      encoded: this.contents.subarray(at, this.at),
    };
  }

  /** The next element if it carries the tag. */
  optional(tag: number, name: string): DerElement | undefined {
    return this.nextTag === tag ? this.element(name, tag) : undefined;
  }

  /** The elements of the next element. @throws DerError as `element` */
  constructed(tag: number, name: string): DerReader {
    return DerReader.inside(this.element(name, tag));
  }

  /** BOOLEAN DEFAULT FALSE, which DER leaves out if it is FALSE (X.690 section 11.5). */
  boolean(name: string): boolean {
    return this.optional(Tag.Boolean, name) !== undefined;
  }

  /**
   * An INTEGER without its sign octet, so that its first octet is not zero unless it is 0.
   * @throws DerError as `element`, and if it is negative
   */
  unsignedInteger(name: string): Buffer {
    const { contents, offset } = this.element(name, Tag.Integer);
    if (contents.readUInt8(0) >= 0x80) {
      throw new DerError(offset, `${name} is negative`);
    }
    return contents.length > 1 && contents[0] === 0 ? contents.subarray(1) : contents;
  }

  /**
   * The octets of a BIT STRING that holds whole octets.
   * @throws DerError as `element`, and if it has unused bits
   */
  bitStringOctets(name: string): Buffer {
    const { contents, offset } = this.element(name, Tag.BitString);
    if (contents[0] !== 0) {
      throw new DerError(offset, `${name} has unused bits`);
    }
    return contents.subarray(1);
  }

  /**
   * An OBJECT IDENTIFIER in dotted decimal.
   * @throws DerError as `element`, and if it is longer than any that is assigned
   */
  objectIdentifier(name: string): string {
    const { contents, offset } = this.element(name, Tag.Oid);
    if (contents.length > MAX_OID_LENGTH) {
      throw new DerError(offset, `an object identifier of ${contents.length} octets`);
    }
    const arcs: bigint[] = [];
    let value = 0n;
    for (const octet of contents) {
      value = (value << 7n) | BigInt(octet & 0x7f);
      if (octet < 0x80) {
        arcs.push(value);
        value = 0n;
      }
    }
    const [first = 0n, ...rest] = arcs;
    const root = first < 80n ? first / 40n : 2n;
    return [root, first - root * 40n, ...rest].join('.');
  }

  /** @throws DerError unless everything has been read */
  end(name: string): void {
    if (this.nextTag !== undefined) {
      throw new DerError(this.offset, `more than ${name} has`);
    }
  }
}
