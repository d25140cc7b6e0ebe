// SPDX-License-Identifier: MPL-2.0

/** DER values, put together by hand: the tests need certificates that no library would make. */

function lengthOf(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const octets = Buffer.from(
    length.toString(16).padStart(length < 0x100 ? 2 : length < 0x10000 ? 4 : 6, '0'),
    'hex',
  );
  return Buffer.concat([Buffer.from([0x80 | octets.length]), octets]);
}

export function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const value = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(value.length), value]);
}

export const sequence = (...members: readonly Buffer[]) => tlv(0x30, ...members);
export const set = (...members: readonly Buffer[]) => tlv(0x31, ...members);
export const octetString = (octets: Buffer) => tlv(0x04, octets);
export const nothing = tlv(0x05);
export const yes = tlv(0x01, Buffer.from([0xff]));
export const no = tlv(0x01, Buffer.from([0x00]));
export const utf8 = (text: string) => tlv(0x0c, Buffer.from(text));
export const explicit = (number: number, ...contents: readonly Buffer[]) => tlv(0xa0 | number, ...contents);
export const implicit = (number: number, contents: Buffer | string) =>
  tlv(0x80 | number, Buffer.from(contents));

export function bitString(octets: Buffer, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), octets);
}

/** Contents of an INTEGER, as they are: minimal where the caller makes them so. */
export const integerOctets = (octets: Buffer) => tlv(0x02, octets);

/** A number that is not negative. */
export function integer(value: number | bigint): Buffer {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return integerOctets((octets[0]! & 0x80) === 0 ? octets : Buffer.concat([Buffer.alloc(1), octets]));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift(0x80 | (left & 0x7f));
    }
    return groups;
  });
  return tlv(0x06, Buffer.from(octets));
}

function digitsOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:T]|\.000/g, '');
}

export const utcTime = (seconds: number) => tlv(0x17, Buffer.from(digitsOf(seconds).slice(2)));
export const generalizedTime = (seconds: number) => tlv(0x18, Buffer.from(digitsOf(seconds)));

/** A bit string in which the named bits are set, without zeros at its end. */
export function namedBits(...bits: readonly number[]): Buffer {
  const highest = Math.max(...bits);
  const octets = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) {
    octets[bit >> 3]! |= 0x80 >> (bit & 7);
  }
  return bitString(octets, 7 - (highest & 7));
}
