// SPDX-License-Identifier: MPL-2.0

import { isUtf8 } from 'node:buffer';

/** ASN.1 tags as their identifier octet has them (ITU-T X.690 section 8.1.2). */
export const Tag = {
  Boolean: 0x01,
  Integer: 0x02,
  BitString: 0x03,
  OctetString: 0x04,
  Null: 0x05,
  Oid: 0x06,
  Enumerated: 0x0a,
  Utf8String: 0x0c,
  NumericString: 0x12,
  PrintableString: 0x13,
  TeletexString: 0x14,
  Ia5String: 0x16,
  UtcTime: 0x17,
  GeneralizedTime: 0x18,
  VisibleString: 0x1a,
  UniversalString: 0x1c,
  BmpString: 0x1e,
  Sequence: 0x30,
  Set: 0x31,
} as const;

export interface DerElement {
  readonly tag: number;
  /** Where it starts, in octets from the start of what was parsed. */
  readonly offset: number;
  readonly contents: Buffer;
  /** Identifier, length and contents. */
  readonly encoded: Buffer;
}

/** Says what is not DER and where. The readers of whole structures turn it into a PkiError. */
export class DerError extends Error {
  override readonly name = 'DerError';

  constructor(
    readonly offset: number,
    detail: string,
  ) {
    super(`${detail} (at octet ${offset})`);
  }
}

/** Certificates nest about ten levels deep. */
const deepest = 32;

/** Four octets count more than any file that is read. */
const longestLength = 4;

/** Octets: no arc that is assigned comes near it, and reading takes time by the square of the length. */
const longestOid = 256;

const constructed = 0x20;
const contextClass = 0x80;

/**
 * Checks that the octets are one element in DER and nothing else (ITU-T X.690 sections 10 and 11), all the way
 * down: definite lengths in their shortest form, minimal integers, sorted sets, one form of each value.
 * What octet strings and implicitly tagged values contain is left to those who know their types.
 * @throws DerError
 */
export function checkDer(octets: Buffer): void {
  const element = readElement(octets, 0, 0);
  const end = element.encoded.length;
  if (end !== octets.length) {
    throw new DerError(end, `${octets.length - end} octets after the end`);
  }
  checkElement(element, 1);
}

/** Reads the element that starts at `at`; `base` is the offset of `octets` itself, for errors. */
function readElement(octets: Buffer, at: number, base: number): DerElement {
  const offset = base + at;
  const tag = octets[at];
  const first = octets[at + 1];
  if (tag === undefined || first === undefined) {
    throw new DerError(offset, 'it ends inside an element');
  }
  if ((tag & 0x1f) === 0x1f) {
    throw new DerError(offset, 'a tag of more than one octet');
  }
  let header = 2;
  let length = first;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0) {
      throw new DerError(offset, 'indefinite length');
    }
    if (count > longestLength || octets.length - at - header < count) {
      throw new DerError(offset, 'it ends inside an element');
    }
    length = octets.readUIntBE(at + header, count);
    header += count;
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) {
      throw new DerError(offset, 'a length that is not minimal');
    }
  }
  const start = at + header;
  if (length > octets.length - start) {
    throw new DerError(offset, 'it ends inside an element');
  }
  const end = start + length;
  return { tag, offset, contents: octets.subarray(start, end), encoded: octets.subarray(at, end) };
}

function checkElement(element: DerElement, depth: number): void {
  const { tag, offset, contents } = element;
  if ((tag & constructed) === 0) {
    if (tag < contextClass) {
      checkPrimitive(tag, contents, offset);
    }
    return;
  }
  if (tag < contextClass && tag !== Tag.Sequence && tag !== Tag.Set) {
    throw new DerError(offset, `tag 0x${tag.toString(16)}, which DER does not have`);
  }
  if (depth > deepest) {
    throw new DerError(offset, `nested more than ${deepest} levels deep`);
  }
  const base = offset + element.encoded.length - contents.length;
  let previous: Buffer | undefined;
  for (let at = 0; at < contents.length;) {
    const child = readElement(contents, at, base);
    checkElement(child, depth + 1);
    if (tag === Tag.Set && previous !== undefined && previous.compare(child.encoded) > 0) {
      throw new DerError(child.offset, 'a set that is not sorted');
    }
    previous = child.encoded;
    at += child.encoded.length;
  }
}

function checkPrimitive(tag: number, contents: Buffer, offset: number): void {
  const problem = primitiveProblem(tag, contents);
  if (problem !== undefined) {
    throw new DerError(offset, problem);
  }
}

function primitiveProblem(tag: number, contents: Buffer): string | undefined {
  switch (tag) {
    case Tag.Boolean:
      return contents.length === 1 && (contents[0] === 0 || contents[0] === 0xff)
        ? undefined
        : 'a boolean that is neither 00 nor FF';
    case Tag.Integer:
    case Tag.Enumerated:
      return integerProblem(contents);
    case Tag.BitString:
      return bitStringProblem(contents);
    case Tag.Null:
      return contents.length === 0 ? undefined : 'NULL with contents';
    case Tag.Oid:
      return oidProblem(contents);
    case Tag.Utf8String:
      return isUtf8(contents) ? undefined : 'text that is not UTF-8';
    case Tag.NumericString:
    case Tag.PrintableString:
    case Tag.Ia5String:
    case Tag.VisibleString:
      return contents.every((octet) => octet < 0x80) ? undefined : 'text that is not ASCII';
    case Tag.UtcTime:
      return /^\d{12}Z$/.test(contents.toString('latin1'))
        ? undefined
        : 'a time not in the form YYMMDDHHMMSSZ';
    case Tag.GeneralizedTime:
      return /^\d{14}Z$/.test(contents.toString('latin1'))
        ? undefined
        : 'a time not in the form YYYYMMDDHHMMSSZ';
    case Tag.OctetString:
    case Tag.TeletexString:
      return undefined;
    case Tag.UniversalString:
      return contents.length % 4 === 0 ? undefined : 'text that is not UCS-4';
    case Tag.BmpString:
      return contents.length % 2 === 0 ? undefined : 'text that is not UCS-2';
    default:
      return `tag 0x${tag.toString(16)}, which has no place in X.509`;
  }
}

function integerProblem(contents: Buffer): string | undefined {
  const [first, second] = contents;
  if (first === undefined) {
    return 'an integer without octets';
  }
  const padded =
    second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  return padded ? 'an integer that is not minimal' : undefined;
}

function bitStringProblem(contents: Buffer): string | undefined {
  const unused = contents[0];
  if (unused === undefined || unused > 7 || (contents.length === 1 && unused !== 0)) {
    return 'a bit string with a wrong number of unused bits';
  }
  const last = contents.length > 1 ? (contents.at(-1) ?? 0) : 0;
  return (last & ((1 << unused) - 1)) === 0 ? undefined : 'a bit string whose unused bits are not zero';
}

function oidProblem(contents: Buffer): string | undefined {
  let atStart = true;
  for (const octet of contents) {
    if (atStart && octet === 0x80) {
      return 'an object identifier that is not minimal';
    }
    atStart = octet < 0x80;
  }
  return contents.length > 0 && atStart ? undefined : 'an object identifier that ends early';
}

/** Reads the elements of a constructed value one after the other, in octets that `checkDer` has checked. */
export class DerReader {
  private at = 0;

  private constructor(
    private readonly contents: Buffer,
    private readonly base: number,
  ) {}

  /** Checks the octets as `checkDer` does and reads their one element, which must carry the tag. */
  static open(octets: Buffer, tag: number, name: string): DerReader {
    return DerReader.wrap(octets).constructed(tag, name);
  }

  /** Checks the octets as `checkDer` does; the reader stands before their one element. */
  static wrap(octets: Buffer): DerReader {
    checkDer(octets);
    return new DerReader(octets, 0);
  }

  /** The tag of the next element, undefined at the end. */
  get nextTag(): number | undefined {
    return this.contents[this.at];
  }

  /** The offset of the next element, for errors. */
  get offset(): number {
    return this.base + this.at;
  }

  /** The next element, which must carry one of the tags. */
  element(name: string, ...tags: readonly number[]): DerElement {
    const found = this.nextTag;
    if (found === undefined) {
      throw new DerError(this.offset, `${name} is missing`);
    }
    if (tags.length > 0 && !tags.includes(found)) {
      throw new DerError(this.offset, `tag 0x${found.toString(16)} where ${name} belongs`);
    }
    const element = readElement(this.contents, this.at, this.base);
    this.at += element.encoded.length;
    return element;
  }

  /** The next element if it carries the tag. */
  optional(tag: number, name: string): DerElement | undefined {
    return this.nextTag === tag ? this.element(name, tag) : undefined;
  }

  /** BOOLEAN DEFAULT FALSE: DER leaves the default out (X.690 section 11.5). */
  booleanDefaultFalse(name: string): boolean {
    const element = this.optional(Tag.Boolean, name);
    if (element?.contents[0] === 0) {
      throw new DerError(element.offset, `${name} FALSE, the default, written out`);
    }
    return element !== undefined;
  }

  /** The elements of the next element. */
  constructed(tag: number, name: string): DerReader {
    return DerReader.inside(this.element(name, tag));
  }

  static inside(element: DerElement): DerReader {
    return new DerReader(element.contents, element.offset + element.encoded.length - element.contents.length);
  }

  /** Throws unless everything has been read. */
  end(name: string): void {
    if (this.nextTag !== undefined) {
      throw new DerError(this.offset, `more than ${name} has`);
    }
  }
}

/** The object identifier in dotted decimal; `contents` is one that `checkDer` has checked. */
export function oidText(contents: Buffer): string {
  if (contents.length > longestOid) {
    throw new DerError(0, `an object identifier of ${contents.length} octets`);
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
