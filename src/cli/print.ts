// SPDX-License-Identifier: MPL-2.0

import { jsonText, printable } from '../support';

/** A result for people, as lines of name and value, or for programs. */
export type Result = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** All output to standard output. Texts come from others: a line stays one line, without control characters. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${printable(line)}\n`).join(''));
}

export function printJson(value: unknown): void {
  process.stdout.write(`${jsonText(value, 2)}\n`);
}

/** JSON of one line, for an event. */
export function printJsonLine(value: unknown): void {
  process.stdout.write(`${jsonText(value)}\n`);
}

/** A line to standard error that begins with the command's name. */
export function warn(text: string): void {
  printError(`kea-encryption: ${text}`);
}

/** All output to standard error, apart from Commander's on the command line. */
export function printError(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** From now on a broken pipe does not end the process: the client daemon has a lease to release. */
export function ignoreBrokenPipe(): void {
  for (const output of [process.stdout, process.stderr]) {
    output.removeAllListeners('error').on('error', () => undefined);
  }
}

/** One line for each value that there is, the names in a column of their own. */
export function resultLines(result: Result): string[] {
  const lines = Object.entries(result).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    return value === undefined || text === '' ? [] : [{ name: spaced(name), text }];
  });
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, text }) => `${name.padEnd(width)}  ${text}`);
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function timeText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}
