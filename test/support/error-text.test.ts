// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { errorText, systemErrorCode, systemErrorText } from '../../src/support';
import { thrownBy } from './thrown-by';

describe('the text of an error', () => {
  it.each([
    ['an error', new Error('why'), 'why'],
    ['an error of another realm', runInNewContext('new Error("why")'), 'why'],
    ['text', 'why', 'why'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object whose message is none', { message: 7 }, '[object Object]'],
  ])('of %s', (_name, error, text) => {
    expect(errorText(error)).toBe(text);
  });

  it('of the system is in words where it is a usual one', () => {
    const missing = thrownBy(() => readFileSync('/nonexistent/file'));
    expect(systemErrorCode(missing)).toBe('ENOENT');
    expect(systemErrorText(missing)).toBe('no such file or directory');
    expect(systemErrorText({ code: 'EACCES' })).toBe('permission denied');
    expect(systemErrorText({ code: 'ENOTDIR' })).toBe('a part of the path is not a directory');
    expect(systemErrorText(thrownBy(() => readFileSync('/')))).toContain('EISDIR');
  });

  it('has no code where it is none of the system', () => {
    expect(systemErrorCode(new Error('why'))).toBeUndefined();
    expect(systemErrorCode({ code: 7 })).toBeUndefined();
    expect(systemErrorCode(undefined)).toBeUndefined();
  });
});
