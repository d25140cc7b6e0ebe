// SPDX-License-Identifier: MPL-2.0

import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { draftFile, replaceFile } from '../../src/support';
import { TestDirectory } from './test-directory';

const directory = TestDirectory.forEachTest();

describe('replaceFile', () => {
  it.each([false, true])('puts a file in the place of another, durable: %p', (isDurable) => {
    const path = directory.write('file', 'before');
    replaceFile(path, 'after', { isDurable });
    expect(readFileSync(path, 'utf8')).toBe('after');
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it('makes a file that only its owner may read unless another mode is wanted', () => {
    const [secret, open] = [directory.file('secret'), directory.file('open')];
    replaceFile(secret, '');
    replaceFile(open, '', { mode: 0o644 });
    expect([secret, open].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '644']);
  });

  it('leaves what is there, and nothing beside it, where it fails', () => {
    const path = directory.file('taken');
    mkdirSync(path);
    expect(() => {
      replaceFile(path, 'text');
    }).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(() => {
      replaceFile(directory.file('missing/file'), 'text');
    }).toThrow('ENOENT');
    expect(readdirSync(directory.path)).toEqual(['taken']);
  });
});

describe('draftFile', () => {
  it('creates a file where there is none, and refuses where there is one', () => {
    const path = directory.file('file');
    draftFile(path, 'first').create();
    const second = draftFile(path, 'second');
    expect(() => {
      second.create();
    }).toThrow('EEXIST');
    second.discard();
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it('leaves the place as it is until it is said, and nothing where it is discarded', () => {
    const path = directory.write('file', 'before');
    const draft = draftFile(path, 'after');
    expect(readFileSync(path, 'utf8')).toBe('before');
    draft.discard();
    expect(readdirSync(directory.path)).toEqual(['file']);
  });

  it('may be discarded when it has its place', () => {
    const path = directory.file('file');
    const draft = draftFile(path, 'text');
    draft.replace();
    draft.discard();
    expect(readFileSync(path, 'utf8')).toBe('text');
  });
});
