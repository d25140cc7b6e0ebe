// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { replaceFile } from '../../support';

/** What is known of the table beside itself. */
export interface BootRecord {
  /** The boot of the machine since which the table can be trusted; undefined where it cannot. */
  readonly boot: string | undefined;
  /**
   * Milliseconds since 1970. What was accepted up to then may not be in the table: the machine stopped before all
   * of it was on the disk, or the table was begun anew. So nothing of that age is accepted (key-table.ts).
   */
  readonly floor: number | undefined;
}

const bootIdFile = '/proc/sys/kernel/random/boot_id';
const untrusted = 'untrusted';

/** Where it cannot be read every start counts as the first after a boot. */
export function bootId(): string {
  return readText(bootIdFile)?.trim() ?? `unknown-${process.pid}`;
}

/** The file's lines: the boot's id, the floor. */
export function readBootFile(file: string): BootRecord {
  const [boot = '', floor = ''] = (readText(file) ?? '').split('\n');
  return {
    boot: boot === '' || boot === untrusted ? undefined : boot,
    floor: /^\d{1,15}$/.test(floor) ? Number(floor) : undefined,
  };
}

/** Writes it whole or not at all, and to the disk. */
export function writeBootFile(file: string, { boot, floor }: BootRecord): void {
  replaceFile(file, `${boot ?? untrusted}\n${floor ?? ''}\n`, { isDurable: true });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
