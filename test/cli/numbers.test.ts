// SPDX-License-Identifier: MPL-2.0

import { decimal, wholeNumber } from '../../src/cli/numbers';
import { command } from './support';

test.each([
  ['1', 1],
  ['007', 7],
  ['100', 100],
])('the whole number %j', (text, value) => {
  expect(wholeNumber(1, 100)(text)).toBe(value);
});

test.each(['', ' ', ' 7', '1e1', '0x10', '+7', '-1', '7.0', '7.', 'seven', '0', '101', '٣'])(
  'no whole number from 1 to 100: %j',
  (text) => {
    expect(() => wholeNumber(1, 100)(text)).toThrow('a whole number from 1 to 100 is expected');
  },
);

test.each([
  ['1', 1],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['7.', 7],
  ['100', 100],
])('the number %j', (text, value) => {
  expect(decimal(0.1, 100)(text)).toBe(value);
});

test.each(['', '.', '1e1', '0x10', '+7', '-1', '7.0.0', 'Infinity', '0', '100.1'])(
  'no number from 0.1 to 100: %j',
  (text) => {
    expect(() => decimal(0.1, 100)(text)).toThrow('a number from 0.1 to 100 is expected');
  },
);

test.each([
  ['perf', '--clients'],
  ['perf', '--duration'],
  ['client', '--timeout'],
])('kea-encryption %s %s refuses an exponent', async (name, option) => {
  expect(await command(name, option, '1e3')).toMatchObject({ code: 2 });
});
