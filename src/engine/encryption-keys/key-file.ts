// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorText, replaceFile } from '../../support';

/** include/uapi/linux/magic.h: file systems that are memory. */
const memoryFileSystems: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** First octets of the file: another format is none of ours. */
const MAGIC = Buffer.from('kea-encryption keys 1\n', 'ascii');

/** All that a server keeps over a restart of its engine: serialized, and the holder's to wipe. */
export interface SavedKeys {
  /** Of an EncryptionKeySet. */
  readonly encryptionKeys: Buffer;
  /** Of CookieKeys. */
  readonly cookieKeys: Buffer;
}

/** Where an engine keeps its keys over a restart. */
export interface KeyFile {
  /** Undefined where nothing usable is there. */
  read(): SavedKeys | undefined;
  /** What was there is overwritten. @throws Error of the system */
  write(keys: SavedKeys): void;
}

/**
 * The file of the engine whose state is in `stateDirectory`, on a memory file system: never on a disk (docs/protocol.md
 * 4.4).
 *
 * @param directories those that may do, the most wanted first; they are made where they are not there
 * @returns undefined, and why, where none does
 */
export function findKeyFile(
  directories: readonly string[],
  stateDirectory: string,
): { readonly file: KeyFile | undefined; readonly problem: string } {
  const name = `keys-${createHash('sha256').update(stateDirectory).digest('hex').slice(0, 16)}`;
  const problems: string[] = [];
  for (const directory of directories) {
    try {
      makeDirectory(directory);
      if (memoryFileSystems.has(statfsSync(directory).type)) {
        return { file: keyFile(join(directory, name)), problem: '' };
      }
      problems.push(`${directory} is not on a memory file system`);
    } catch (error) {
      problems.push(`${directory}: ${errorText(error)}`);
    }
  }
  return { file: undefined, problem: problems.join('; ') };
}

/** Only the last part of its path: Node.js never comes back from a recursive one below /proc. */
function makeDirectory(path: string): void {
  if (!existsSync(path)) {
    mkdirSync(path, { mode: 0o700 });
  }
}

function keyFile(path: string): KeyFile {
  return {
    read: () => {
      eraseDrafts(path);
      let octets: Buffer;
      try {
        octets = readFileSync(path);
      } catch {
        return undefined;
      }
      try {
        return decodeKeys(octets);
      } catch {
        return undefined;
      } finally {
        octets.fill(0);
      }
    },
    write: (keys) => {
      const before = openIfThere(path);
      const octets = encodeKeys(keys);
      try {
        replaceFile(path, octets);
      } finally {
        octets.fill(0);
        if (before !== undefined) {
          overwrite(before);
        }
      }
    },
  };
}

/** What an engine has left that ended while it wrote: keys that nobody would erase at their end. */
function eraseDrafts(path: string): void {
  const directory = dirname(path);
  const drafts = readdirSync(directory).filter(
    (name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.new'),
  );
  for (const draft of drafts.map((name) => join(directory, name))) {
    const descriptor = openIfThere(draft);
    rmSync(draft, { force: true });
    if (descriptor !== undefined) {
      overwrite(descriptor);
    }
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch {
    return undefined;
  }
}

/** The file has no name any more; its memory is not to keep the keys. */
function overwrite(descriptor: number): void {
  try {
    writeSync(descriptor, Buffer.alloc(fstatSync(descriptor).size), 0);
  } finally {
    closeSync(descriptor);
  }
}

/** The magic, the length of the encryption keys (4 octets), the two sets of keys. */
function encodeKeys({ encryptionKeys, cookieKeys }: SavedKeys): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(encryptionKeys.length, 0);
  return Buffer.concat([MAGIC, length, encryptionKeys, cookieKeys]);
}

/** @throws RangeError where it is cut short or not of this format */
function decodeKeys(octets: Buffer): SavedKeys {
  const from = MAGIC.length + 4;
  if (octets.length < from || !octets.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new RangeError('a file of another format');
  }
  const end = from + octets.readUInt32BE(MAGIC.length);
  if (end > octets.length) {
    throw new RangeError('the file is cut short');
  }
  return {
    encryptionKeys: Buffer.from(octets.subarray(from, end)),
    cookieKeys: Buffer.from(octets.subarray(end)),
  };
}
