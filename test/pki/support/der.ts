// SPDX-License-Identifier: MPL-2.0

/** A DER writer, independent of the code under test: whatever it is told to write, right or wrong. */

export function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.of(length);
  }
  if (length < 0x100) {
    return Buffer.of(0x81, length);
  }
  const octets = [length >> 16, (length >> 8) & 0xff, length & 0xff].slice(length < 0x10000 ? 1 : 0);
  return Buffer.of(0x80 | octets.length, ...octets);
}

export const sequence = (...contents: readonly Buffer[]) => element(0x30, ...contents);
export const set = (...contents: readonly Buffer[]) => element(0x31, ...contents);
export const explicit = (number: number, ...contents: readonly Buffer[]) =>
  element(0xa0 | number, ...contents);
export const integer = (...octets: readonly number[]) => element(0x02, Buffer.from(octets));
export const octetString = (contents: Buffer) => element(0x04, contents);
export const bitString = (unused: number, ...octets: readonly number[]) =>
  element(0x03, Buffer.from([unused, ...octets]));
export const boolean = (octet: number) => element(0x01, Buffer.of(octet));
export const utf8String = (text: string) => element(0x0c, Buffer.from(text));
export const utcTime = (text: string) => element(0x17, Buffer.from(text));
export const generalizedTime = (text: string) => element(0x18, Buffer.from(text));
/** Object identifiers by their contents in hexadecimal. */
export const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));

export const Oid = {
  commonName: oid('550403'),
  ecdsaWithSha256: oid('2a8648ce3d040302'),
  ecdsaWithSha384: oid('2a8648ce3d040303'),
  keyUsage: oid('551d0f'),
  subjectAltName: oid('551d11'),
  basicConstraints: oid('551d13'),
  extendedKeyUsage: oid('551d25'),
  serverAuth: oid('2b06010505070301'),
  clientAuth: oid('2b06010505070302'),
  anyExtendedKeyUsage: oid('551d2500'),
};

export function name(...commonNames: readonly string[]): Buffer {
  return sequence(...commonNames.map((text) => set(sequence(Oid.commonName, utf8String(text)))));
}
