// SPDX-License-Identifier: MPL-2.0

/** The octets of a table of hexadecimal digits in which `//` begins a comment. */
export function octets(table: string): Buffer {
  const digits = table.replaceAll(/\/\/.*$/gm, '').replaceAll(/\s+/g, '');
  if (!/^(?:[\da-f]{2})*$/.test(digits)) {
    throw new Error(`not hexadecimal octets: ${digits}`);
  }
  return Buffer.from(digits, 'hex');
}

/** Whether a Buffer is a view into another, and not a copy. */
export function isViewInto(view: Buffer, whole: Buffer): boolean {
  return (
    view.buffer === whole.buffer &&
    view.byteOffset >= whole.byteOffset &&
    view.byteOffset + view.length <= whole.byteOffset + whole.length
  );
}
