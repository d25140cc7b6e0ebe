// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { makeOption, type OptionCodec, readOption } from '../../../src/dhcpv6';
import { valueOrDecodeError } from './errors';

/** The octets and the value say the same, in both directions. */
export function expectSame<T>(codec: OptionCodec<T>, data: Buffer, value: T): void {
  expect(codec.decode(data)).toEqual(value);
  expect(codec.encode(value)).toEqual(data);
  expect(makeOption(codec, value)).toEqual({ code: codec.code, data });
  expect(
    readOption(
      [
        { code: 65535, data },
        { code: codec.code, data },
      ],
      codec,
    ),
  ).toEqual(value);
}

/**
 * Any octets give a value or a DecodeError that points into them; a value encodes to octets that give the same
 * value; a valid value survives encode and decode; and every truncation of it gives a value or a DecodeError.
 */
export function checkCodec<T>(
  codec: OptionCodec<T>,
  values: fc.Arbitrary<T>,
  canEncode = (_: T) => true,
): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const result = valueOrDecodeError(() => codec.decode(Buffer.from(bytes)));
      if ('error' in result) {
        expect(result.error.offset).toBeGreaterThanOrEqual(0);
        expect(result.error.offset).toBeLessThanOrEqual(bytes.length);
      } else if (canEncode(result.value)) {
        expect(codec.decode(codec.encode(result.value))).toEqual(result.value);
      }
    }),
  );
  fc.assert(
    fc.property(values, (value) => {
      const data = codec.encode(value);
      expect(codec.decode(data)).toEqual(value);
      for (let length = 0; length < data.length; length += 1) {
        valueOrDecodeError(() => codec.decode(data.subarray(0, length)));
      }
    }),
  );
}
