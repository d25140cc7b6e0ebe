// SPDX-License-Identifier: MPL-2.0
import { EncodeError } from './errors';

export const MAX_UINT8 = 0xff;
export const MAX_UINT16 = 0xffff;
export const MAX_UINT24 = 0xffffff;
export const MAX_UINT32 = 0xffffffff;

/** @throws EncodeError `out-of-range` */
export function checkInteger(value: number, minimum: number, maximum: number, argument: string): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new EncodeError('out-of-range', argument, `${value} is no integer from ${minimum} to ${maximum}`);
  }
}

/** @throws EncodeError `wrong-length` */
export function checkLength(octets: Buffer, length: number, argument: string): void {
  if (octets.length !== length) {
    throw new EncodeError('wrong-length', argument, `${octets.length} octets instead of ${length}`);
  }
}

export function isUint16(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_UINT16;
}

/** For what a 16-bit length field has to count. @throws EncodeError `too-long` */
export function checkCountable(length: number, argument: string): void {
  if (length > MAX_UINT16) {
    throw new EncodeError('too-long', argument, `${length} octets are more than ${MAX_UINT16}`);
  }
}
