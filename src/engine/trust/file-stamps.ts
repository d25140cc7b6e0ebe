// SPDX-License-Identifier: MPL-2.0

import { statSync } from 'node:fs';
import { systemErrorCode } from '../../support';

/** What tells one state of a file from another, by path. */
export type FileStamps = ReadonlyMap<string, string>;

/**
 * Device, inode, size and both times to the nanosecond: a file that was written over in place changes its times, one
 * that was renamed over it its inode, one that may no longer be read its ctime. Symbolic links are followed. The
 * system's error stands for a file that is not there.
 */
export function stampFiles(paths: readonly string[]): FileStamps {
  return new Map(paths.map((path) => [path, stampOf(path)]));
}

function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return systemErrorCode(error) ?? 'unknown';
  }
}

export function sameStamps(left: FileStamps, right: FileStamps): boolean {
  return left.size === right.size && [...left].every(([path, stamp]) => right.get(path) === stamp);
}
