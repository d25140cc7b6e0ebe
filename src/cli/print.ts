// SPDX-License-Identifier: MPL-2.0

/** A result for people, as lines of name and value, or for programs. */
export type Result = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** One line for each value that there is, the names in a column of their own. */
export function resultText(result: Result): string {
  const lines = Object.entries(result).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    return value === undefined || text === '' ? [] : [{ name: spaced(name), text }];
  });
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.map(({ name, text }) => `${name.padEnd(width)}  ${text}`).join('\n');
}

function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function timeText(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}
