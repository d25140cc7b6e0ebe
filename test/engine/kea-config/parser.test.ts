// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { KeaConfigError, parseKeaConfig, type KeaConfig } from '../../../src/engine/kea-config';
import { dialect, dialectFiles } from './dialect';

function reader(files: Readonly<Record<string, string>>): (file: string) => string {
  return (file) => {
    const text = files[file];
    if (text === undefined) {
      throw new Error('no such file or directory');
    }
    return text;
  };
}

function parse(text: string, others: Readonly<Record<string, string>> = {}): KeaConfig {
  return parseKeaConfig('kea.conf', reader({ 'kea.conf': text, ...others }));
}

function failure(text: string, others: Readonly<Record<string, string>> = {}): KeaConfigError {
  try {
    parse(text, others);
  } catch (error) {
    if (error instanceof KeaConfigError) {
      return error;
    }
    throw error;
  }
  throw new Error('it was parsed');
}

test("Kea's comments and a comma behind the last element", () => {
  const text = `# one
  // two
  { /* three
  */ "a": [1, 2.5, -3e2, ], # four
    "b": { "c": "x\\n\\u0041", "d": true, "e": null, }, // five
  }`;
  expect(parse(text).value).toEqual({ a: [1, 2.5, -300], b: { c: 'x\nA', d: true, e: null } });
});

test('text that looks like a comment stays text', () => {
  expect(parse('["# a", "// b", "/* c */"]').value).toEqual(['# a', '// b', '/* c */']);
});

test('includes stand for their text, wherever a value or an element may', () => {
  const files = { 'subnets.json': '[ <?include "one.json"?>, {"id": 2} ]', 'one.json': '{"id": 1}' };
  const config = parse('{\n "subnet6": <?include "subnets.json"?>\n}', files);
  expect(config.value).toEqual({ subnet6: [{ id: 1 }, { id: 2 }] });
  expect(config.positionOf(['subnet6', 0, 'id'])).toEqual({ file: 'one.json', line: 1, column: 8 });
  expect(config.positionOf(['subnet6'])).toEqual({ file: 'subnets.json', line: 1, column: 1 });
});

test('what is not there is placed at the map that it belongs to', () => {
  const config = parse('{\n  "a": {\n    "b": 1 }\n}');
  expect(config.positionOf(['a', 'c', 0])).toMatchObject({ line: 2, column: 8 });
  expect(config.positionOf(['z'])).toMatchObject({ line: 1, column: 1 });
});

test.each([
  ['{"a" 1}', 'syntax', 1, 6],
  ['{"a": 1 "b": 2}', 'syntax', 1, 9],
  ['{\n"a": }', 'syntax', 2, 6],
  ['{"a": 1}\n{', 'syntax', 2, 1],
  ['{"a": 0x1}', 'syntax', 1, 8],
  ['{"a": "x\n"}', 'syntax', 1, 9],
  ['{"a": "x\\q"}', 'syntax', 1, 9],
  ['{"a": "x', 'syntax', 1, 7],
  ['{"a": 1, "a": 2}', 'syntax', 1, 10],
  ['[1', 'syntax', 1, 3],
  ['', 'syntax', 1, 1],
  ['/* without an end', 'syntax', 1, 1],
  ['{"a": <?include "absent"?>}', 'unreadable', 1, 7],
  ['{"a": <?include "kea.conf"?>}', 'include', 1, 7],
])('%j is refused as %s at %i:%i', (text, code, line, column) => {
  expect(failure(text)).toMatchObject({ code, position: { file: 'kea.conf', line, column } });
});

describe("Kea's dialect (held against Kea itself in test/integration)", () => {
  const files = Object.fromEntries(dialectFiles((name) => name));

  test.each(dialect)('%j is %s', (text, meaning) => {
    if (meaning === 'refused') {
      expect(failure(text, files)).toBeInstanceOf(KeaConfigError);
    } else {
      expect(exactJson(parse(text, files).value)).toBe(meaning);
    }
  });
});

/** JSON, with an n behind integers that are more than a number holds. */
function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'bigint' ? `${member}n` : member,
  ).replaceAll(/"(-?\d+n)"/g, '$1');
}

test('files that include each other often have an end', () => {
  const tenTimes = (at: number) => `[${`<?include "${at}"?>,`.repeat(10)}]`;
  const files = Object.fromEntries(
    Array.from({ length: 11 }, (_, at) => [`${at}`, at === 10 ? `1${' '.repeat(10_000)}` : tenTimes(at + 1)]),
  );
  expect(failure('<?include "0"?>', files)).toMatchObject({ code: 'include' });
});

test('a long string, a long comment and a long number take no stack', () => {
  const long = 1_000_000;
  expect(parse(`[/*${'*'.repeat(long)}*/"${'\\n'.repeat(long)}"]`).value).toEqual(['\n'.repeat(long)]);
  expect(failure('1'.repeat(long)).message.length).toBeLessThan(100);
});

test('nesting and includes have an end', () => {
  expect(failure('['.repeat(100_000))).toMatchObject({ code: 'nesting' });
  const chain = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`${at}`, `<?include "${at + 1}"?>`]),
  );
  expect(failure('<?include "0"?>', chain)).toMatchObject({ code: 'include' });
});

test('any text is a value or a KeaConfigError', () => {
  const alphabet = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '1',
    'true',
    '#',
    '//',
    '/*',
    '*/',
    '\n',
    ' ',
    '"\\\\u00',
    '-',
    '.5',
    'e',
    '<?include "',
    'kea.conf',
    'other',
    '"?>',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(alphabet).map((parts) => parts.join('')),
      ),
      (text) => {
        try {
          parse(text, { other: '"b": [1], ' });
        } catch (error) {
          expect(error).toBeInstanceOf(KeaConfigError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('what JSON.stringify writes is read back', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      // Integers beyond 64 bits are none of Kea's, and those beyond 53 are read as bigint.
      fc.pre(!/\d{16}/.test(text));
      expect(JSON.stringify(parse(text).value)).toBe(text);
    }),
  );
});
