// SPDX-License-Identifier: MPL-2.0

import { accessSync, constants, lstatSync, statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { isNativeError } from 'node:util/types';
import type { Identity } from '../../pki';
import type { CredentialReader } from './credential-reader';
import { SettingsError, type SettingsProblem } from './errors';
import type { SettingPath } from './path';
import { ProblemList } from './problem-list';
import type { IdentityFiles, Settings } from './settings';

/** Settings with what their files hold. */
export interface LoadedSettings {
  readonly settings: Settings;
  readonly identity: Identity;
  /** Newest first. */
  readonly previous: readonly Identity[];
  readonly trust: {
    readonly anchors: readonly Buffer[];
    readonly intermediates: readonly Buffer[];
    readonly crls: readonly Buffer[];
  };
}

export type CheckedFiles =
  | { readonly loaded: LoadedSettings; readonly problems: readonly [] }
  | { readonly loaded?: never; readonly problems: readonly SettingsProblem[] };

/**
 * Reads every file that the settings name.
 * @param now milliseconds since 1970
 * @param path where the parameters stand, for the problems' paths
 */
export function checkFiles(
  settings: Settings,
  now: number,
  reader: CredentialReader,
  path: SettingPath = ['parameters'],
): CheckedFiles {
  const files = new FileCheck(reader, path, settings.draftLiteral);
  const identity = files.identity(settings.identity, [], now, 'present');
  const previous = settings.previousKeys.map((key, at) =>
    files.identity(key, ['previous-keys', at], now, 'previous'),
  );
  files.requireDistinct([identity, ...previous]);
  const trust = {
    anchors: files.all('trust-anchors', settings.trustAnchors, (file) => reader.certificates(file)),
    intermediates: files.all('intermediates', settings.intermediates, (file) => reader.certificates(file)),
    crls: files.all('crls', settings.crls, (file) => reader.crls(file)),
  };
  files.requireDirectory('state-directory', settings.stateDirectory);
  if (settings.engine.spawn && isAbsolute(settings.engine.node)) {
    files.requireExecutable(['engine', 'node'], settings.engine.node);
  }
  const loadedPrevious = previous.filter((key) => key !== undefined);
  return files.problems.length === 0 && identity !== undefined
    ? { loaded: { settings, identity, previous: loadedPrevious, trust }, problems: [] }
    : { problems: files.problems };
}

/**
 * Reads every file that the settings name.
 * @param now milliseconds since 1970
 * @param path where the parameters stand, for the problem's path
 * @throws SettingsError for the first wrong one
 */
export function loadSettings(
  settings: Settings,
  now: number,
  reader: CredentialReader,
  path?: SettingPath,
): LoadedSettings {
  const { loaded, problems } = checkFiles(settings, now, reader, path);
  if (loaded !== undefined) {
    return loaded;
  }
  const [first] = problems;
  throw new SettingsError(first ?? { code: 'bad-file', path: [], text: 'nothing could be read' });
}

class FileCheck {
  private readonly list = new ProblemList();

  constructor(
    private readonly reader: CredentialReader,
    private readonly path: SettingPath,
    /** Whether certificates' keys decrypt. */
    private readonly draftLiteral: boolean,
  ) {}

  get problems(): readonly SettingsProblem[] {
    return this.list.problems;
  }

  identity(
    files: IdentityFiles,
    at: SettingPath,
    now: number,
    use: 'present' | 'previous',
  ): Identity | undefined {
    try {
      return this.reader.identity(files, now, use, this.draftLiteral);
    } catch (error) {
      const source = sourceOf(error);
      if (source === 'private-key-command') {
        this.refuse([...at, source], '', error);
        return undefined;
      }
      const ofKey = files.privateKey !== '' && source.startsWith(files.privateKey);
      const [name, file] = ofKey ? ['private-key', files.privateKey] : ['certificate', files.certificate];
      this.refuse([...at, name], file, error);
      return undefined;
    }
  }

  all<Item>(name: string, files: readonly string[], read: (file: string) => readonly Item[]): Item[] {
    return files.flatMap((file, at) => {
      try {
        return read(file);
      } catch (error) {
        this.refuse([name, at], file, error);
        return [];
      }
    });
  }

  requireDistinct(identities: readonly (Identity | undefined)[]): void {
    identities.forEach((identity, at) => {
      const first = identities.findIndex(
        (other) => other !== undefined && identity?.keyId.equals(other.keyId),
      );
      if (identity !== undefined && first < at) {
        const owner = first === 0 ? 'the present certificate' : `previous-keys[${first - 1}]`;
        this.list.add('duplicate', [...this.path, 'previous-keys', at - 1], `has the key of ${owner}`);
      }
    });
  }

  /** The engine makes the directory itself where it is not there, and those above it. */
  requireDirectory(name: string, directory: string): void {
    try {
      const there = nearestExisting(directory);
      if (!statSync(there).isDirectory()) {
        const right = `a directory: ${there} is a file`;
        this.list.refuse('bad-file', [...this.path, name], directory, right);
      }
    } catch (error) {
      this.refuse([name], directory, error);
    }
  }

  requireExecutable(at: SettingPath, file: string): void {
    try {
      accessSync(file, constants.X_OK);
    } catch (error) {
      this.refuse(at, file, error);
    }
  }

  private refuse(at: SettingPath, file: string, error: unknown): void {
    const reason = isNativeError(error) ? error.message : String(error);
    const text = reason.includes(file) ? reason : `${file}: ${reason}`;
    this.list.add('bad-file', [...this.path, ...at], text);
  }
}

/** The file, and perhaps the line, that an error of src/pki is about. */
function sourceOf(error: unknown): string {
  return isNativeError(error) && 'source' in error ? String(error.source) : '';
}

/** The path itself, or as much of its beginning as is there. */
function nearestExisting(path: string): string {
  let there = path;
  while (!isThere(there) && there !== dirname(there)) {
    there = dirname(there);
  }
  return there;
}

/** Something below a file is not there either. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    if (isNativeError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return false;
    }
    throw error;
  }
}
