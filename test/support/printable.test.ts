// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { jsonText, printable } from '../../src/support';

/** By code point, and not by the classes of Unicode that the code names. */
function isHarmful(point: number): boolean {
  return (
    point < 0x20 ||
    (point >= 0x7f && point <= 0x9f) ||
    (point >= 0x202a && point <= 0x202e) ||
    (point >= 0x2066 && point <= 0x2069) ||
    (point >= 0xd800 && point <= 0xdfff) ||
    (point >= 0xe0000 && point <= 0xe007f) ||
    [0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff].includes(point)
  );
}

function harmfulIn(text: string): string[] {
  return Array.from(text).filter((character) => isHarmful(character.codePointAt(0) ?? 0));
}

/** Any UTF-16, and much of what is harmful. */
const text = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
      fc.integer({ min: 0, max: 0xff }).map((point) => String.fromCodePoint(point)),
      fc.integer({ min: 0x2000, max: 0x2070 }).map((point) => String.fromCodePoint(point)),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('a line for a terminal or a log', () => {
  it('is nothing but text, whatever it was made of', () => {
    fc.assert(fc.property(text, (one) => expect(harmfulIn(printable(one))).toEqual([])));
  });

  it.each([
    ['a screen that is wiped', '\u001b[2Jwiped', ' [2Jwiped'],
    ['the same by one C1 control', '\u009b2Jwiped', ' 2Jwiped'],
    ['another line', 'refused\r\nbound 2001:db8::1', 'refused  bound 2001:db8::1'],
    ['another line by Unicode', 'a\u2028b\u2029c', 'a b c'],
    ['a text that reads the other way round', 'dhcp\u202emoc.elpmaxe\u2066x\u2069', 'dhcp moc.elpmaxe x '],
    ['half a character', 'a\ud800b\udc00c', 'a b c'],
    ['what nobody sees', 'a\u{e0041}\ufeff\u00adb', 'a   b'],
  ])('keeps no %s', (_, one, kept) => {
    expect(printable(one)).toBe(kept);
  });

  it.each(['Zürich, 東京, القاهرة', 'می\u200cخواهم', '👩\u200d💻', ' two  spaces ', '\\u001b'])(
    'keeps %j as it is',
    (one) => {
      expect(printable(one)).toBe(one);
    },
  );
});

describe('JSON for a terminal or a log', () => {
  it('is nothing but text and line feeds between values, and reads as the same value', () => {
    const value = fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), fc.dictionary(text, text));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (one, indent) => {
        const printed = jsonText(one, indent);
        expect(harmfulIn(printed).filter((found) => found !== '\n' || indent === undefined)).toEqual([]);
        expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(one)));
      }),
    );
  });
});
