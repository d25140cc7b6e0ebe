// SPDX-License-Identifier: MPL-2.0

/** Values in Kea's dialect of JSON: what Kea 2.2 to 3.0 makes of each, as JSON, or 'refused'. */
export const dialect: readonly (readonly [text: string, meaning: string])[] = [
  // Numbers.
  ['[0, 7, -7, 1.5, -1.5e3, 1e3, 2E-1]', '[0,7,-7,1.5,-1500,1000,0.2]'],
  ['[007, -007, 00, -0]', '[7,-7,0,0]'],
  ['[+5, .5, 5., -.5e1, 01.50]', '[5,0.5,5,-5,1.5]'],
  ['9007199254740993', '9007199254740993n'],
  ['[9223372036854775807, -9223372036854775808]', '[9223372036854775807n,-9223372036854775808n]'],
  ['9223372036854775808', 'refused'],
  ['1e400', 'refused'],
  ['[1 2]', 'refused'],
  ['1.2.3', 'refused'],
  ['.', 'refused'],
  ['-', 'refused'],
  ['e5', 'refused'],
  ['0x10', 'refused'],
  ['NaN', 'refused'],
  // Words.
  ['[true, false, null]', '[true,false,null]'],
  ['True', 'refused'],
  ['NULL', 'refused'],
  ['nulls', 'refused'],
  // Strings.
  [String.raw`"\"\\\/\b\f\n\r\t\u0041\u00"`, 'refused'],
  [String.raw`"\"\\\/\b\f\n\r\t\u0041"`, String.raw`"\"\\/\b\f\n\r\tA"`],
  ['"é ☃ \u007f"', '"é ☃ \u007f"'],
  [String.raw`"\u0100"`, 'refused'],
  [String.raw`"\q"`, 'refused'],
  [String.raw`"\U0041"`, 'refused'],
  ['"tab\there"', 'refused'],
  ['"line\nhere"', 'refused'],
  ['"open', 'refused'],
  ["'single'", 'refused'],
  // Commas.
  ['[1,]', '[1]'],
  ['[1,,,2,,]', '[1,2]'],
  ['{"a": 1,,, "b": 2,,}', '{"a":1,"b":2}'],
  ['[]', '[]'],
  ['{}', '{}'],
  ['[,]', 'refused'],
  ['[,1]', 'refused'],
  ['{,"a": 1}', 'refused'],
  ['{"a": 1 "b": 2}', 'refused'],
  ['{"a": 1, "a": 2}', 'refused'],
  ['{"a"}', 'refused'],
  ['{a: 1}', 'refused'],
  ['{1: 1}', 'refused'],
  ['[1}', 'refused'],
  // Comments and white space.
  ['[1, # one\n 2, // two\n 3 /* three /* \n # */ ]', '[1,2,3]'],
  ['["# a", "// b", "/* c */", "<?include \\"d\\"?>"]', '["# a","// b","/* c */","<?include \\"d\\"?>"]'],
  ['[1\t,\r\n2]', '[1,2]'],
  ['[1,\f2]', 'refused'],
  ['[1, / 2]', 'refused'],
  ['[1 /* open ]', 'refused'],
  ['[/**/1/***/]', '[1]'],
  // Includes.
  ['[<?include "ONE"?>]', '[1]'],
  ['[<?include "LIST"?>, 4]', '[2,3,4]'],
  ['{<?include "MEMBERS"?>}', '{"a":1,"b":[2,3]}'],
  ['[<? \n include\t"ONE" \n ?>]', '[1]'],
  ['[<?include"ONE"?>]', '[1]'],
  ['[<?include "ABSENT"?>]', 'refused'],
  ['[<?include "OPEN"?> "]', 'refused'],
  ['[<?include "ONE">]', 'refused'],
  ['[<?include ONE?>]', 'refused'],
  ['[<?include "ONE" /* */?>]', 'refused'],
  ['[<?import "ONE"?>]', 'refused'],
  ['[<include "ONE"?>]', 'refused'],
  ['[<?include "CIRCLE"?>]', 'refused'],
  ['[<?include "DEPTH11"?>]', '[1]'],
  ['[<?include "DEPTH12"?>]', 'refused'],
];

/** The files that the values include, by name; `name` says what a name is in an include. */
export function dialectFiles(name: (file: string) => string): ReadonlyMap<string, string> {
  const include = (file: string) => `<?include "${name(file)}"?>`;
  const chain = Array.from({ length: 11 }, (_, at): [string, string] => [
    `DEPTH${at + 2}`,
    include(at === 0 ? 'ONE' : `DEPTH${at + 1}`),
  ]);
  return new Map([
    ['ONE', '# a comment\n1'],
    ['LIST', '2, 3'],
    ['MEMBERS', `"a": 1,\n"b": [${include('LIST')}],`],
    ['OPEN', '"open'],
    ['CIRCLE', include('CIRCLE')],
    ...chain,
  ]);
}
