// SPDX-License-Identifier: MPL-2.0
import { checkLength } from './check';
import { EncodeError } from './errors';

export const IPV6_LENGTH = 16;

const GROUPS = 8;

function refuse(text: string): never {
  throw new EncodeError('invalid-address', 'address', `${JSON.stringify(text)} is no IPv6 address`);
}

/** RFC 4291 section 2.2, form 3: the last two groups as a dotted quad. */
function parseDottedQuad(quad: string, text: string): number[] {
  const octets = quad.split('.');
  if (
    octets.length !== 4 ||
    !octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255)
  ) {
    return refuse(text);
  }
  const value = octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [Math.floor(value / 65536), value % 65536];
}

/** The groups of one side of a `::`; only the right-hand side may end in a dotted quad. */
function parseGroups(side: string, mayEndInQuad: boolean, text: string): number[] {
  if (side === '') {
    return [];
  }
  const groups = side.split(':');
  return groups.flatMap((group, index) => {
    if (mayEndInQuad && index === groups.length - 1 && group.includes('.')) {
      return parseDottedQuad(group, text);
    }
    return /^[\da-f]{1,4}$/i.test(group) ? [Number.parseInt(group, 16)] : refuse(text);
  });
}

/**
 * The 16 octets of an address in any text form of RFC 4291 section 2.2. No zone, no prefix length.
 *
 * @throws EncodeError `invalid-address`
 */
export function parseIpv6(text: string): Buffer {
  const [left = '', right, ...more] = text.split('::');
  if (more.length > 0) {
    return refuse(text);
  }
  const head = parseGroups(left, right === undefined, text);
  const tail = parseGroups(right ?? '', true, text);
  const missing = GROUPS - head.length - tail.length;
  // "::" stands for one or more groups, RFC 4291 section 2.2.
  if (right === undefined ? missing !== 0 : missing < 1) {
    return refuse(text);
  }
  const address = Buffer.alloc(IPV6_LENGTH);
  head.forEach((group, index) => address.writeUInt16BE(group, 2 * index));
  tail.forEach((group, index) => address.writeUInt16BE(group, 2 * (GROUPS - tail.length + index)));
  return address;
}

/** Where the longest run of two or more zero groups is, the first of equals: RFC 5952 section 4.2. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) {
      start = index + 1;
    } else if (index + 1 - start > longest.length) {
      longest = { start, length: index + 1 - start };
    }
  });
  return longest.length >= 2 ? longest : { start: 0, length: 0 };
}

/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/**
 * The canonical text of an address of 16 octets, RFC 5952.
 *
 * @throws EncodeError `wrong-length`
 */
export function formatIpv6(address: Buffer): string {
  checkLength(address, IPV6_LENGTH, 'address');
  const groups = Array.from({ length: GROUPS }, (_, index) => address.readUInt16BE(2 * index));
  if (isIpv4Mapped(groups)) {
    return `::ffff:${address.subarray(12).join('.')}`;
  }
  const texts = groups.map((group) => group.toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length === 0) {
    return texts.join(':');
  }
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}
