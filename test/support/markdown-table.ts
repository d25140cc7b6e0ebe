// SPDX-License-Identifier: MPL-2.0

export type Row = Readonly<Record<string, string>>;

/** A table of a page, by the first column's heading: its rows, cells by the column's heading. */
export function tableOf(text: string, first: string): Row[] {
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines =
    text
      .split('\n\n')
      .find((part) => part.startsWith(`| ${first} `))
      ?.split('\n') ?? [];
  const [head = '', , ...rows] = lines.filter((line) => line.startsWith('|'));
  const names = cells(head);
  return rows.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '', cell])));
}
