// SPDX-License-Identifier: MPL-2.0

/** Tells on the terminal what the demo does. */
export class Narrator {
  private step = 0;
  /** What is being done, for the message about a failure. */
  doing = 'starting';

  private readonly witnesses: (() => string)[] = [];

  constructor(private readonly write: (text: string) => void) {}

  /** Announces the next step. */
  begin(title: string): void {
    this.step += 1;
    this.doing = title;
    this.write(`\n${this.step}. ${title}\n`);
  }

  /** Adds something to the message about a failure. */
  onFailure(witness: () => string): void {
    this.witnesses.push(witness);
  }

  evidence(): string {
    return this.witnesses.map((witness) => `${witness()}\n`).join('');
  }

  say(text: string): void {
    this.write(`${text.replace(/^/gm, '   ')}\n`);
  }

  table(rows: readonly (readonly string[])[]): void {
    const widths: number[] = [];
    for (const row of rows) {
      row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
    }
    for (const row of rows) {
      this.say(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
    }
  }
}
