// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { JsonReader } from '../../src/support';

const reader = (value: unknown): JsonReader => new JsonReader(value, (text) => new Error(`file: ${text}`));

/** Objects that no text can be made of, too. */
const json = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('toString', 'valueOf', 'toJSON', '__proto__', 'length'), fc.jsonValue()),
);

describe('a value of a JSON file', () => {
  it('is of the expected type; otherwise the error names it, its value and the type', () => {
    const reads: readonly ((one: JsonReader) => unknown)[] = [
      (one) => one.text(),
      (one) => one.hex(),
      (one) => one.flag(),
      (one) => one.uint32(),
      (one) => one.seconds(),
      (one) => one.moment(),
      (one) => one.oneOf(['a', 'b']),
      (one) => one.items(),
      (one) => one.members(),
    ];
    fc.assert(
      fc.property(json, fc.constantFrom(...reads), (value, read) => {
        try {
          read(
            reader({ here: [value] })
              .member('here')
              .items()[0]!,
          );
        } catch (error) {
          expect(String(error)).toMatch(/^Error: file: here\[0\] is .+: .+ is expected$/);
        }
      }),
    );
  });

  it.each([
    ['text', '"text"', '7: a text is expected', 7],
    ['hex', '"0a"', '"0A": octets in hexadecimal is expected', '0A'],
    ['flag', 'true', '"true": true or false is expected', 'true'],
    ['uint32', '4294967295', '4294967296: a whole number of 0 to 4294967295 is expected', 4_294_967_296],
    ['uint32', '7', '7.5: a whole number of 0 to 4294967295 is expected', 7.5],
    ['seconds', '0.5', '-1: a number of seconds of 0 to 4294967295 is expected', -1],
    ['moment', '0', '1e+300: milliseconds since 1970 of 0 to 253402300799999 is expected', 1e300],
  ] as const)('read as %s is %s, and not %s', (kind, right, text, wrong) => {
    expect(
      reader({ x: JSON.parse(right) as unknown })
        .member('x')
        [kind](),
    ).toEqual(JSON.parse(right));
    expect(() => reader({ x: wrong }).member('x')[kind]()).toThrow(`file: x is ${text}`);
  });

  it('is asked for in a map only', () => {
    for (const value of [undefined, null, [], 'text', 7]) {
      expect(() => reader(value).member('x')).toThrow(/file: all of it is .*: a map is expected/);
    }
  });
});
