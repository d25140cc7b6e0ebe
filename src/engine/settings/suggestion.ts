// SPDX-License-Identifier: MPL-2.0

/**
 * The known name that an unknown one was probably meant to be.
 * @param edits how many make it a misspelling; undefined for as many as a name of that length may have
 */
export function suggestName(unknown: string, known: readonly string[], edits?: number): string | undefined {
  const wanted = normalised(unknown);
  const [best] = known
    .map((name) => ({ name, distance: editDistance(wanted, normalised(name)) }))
    .filter(({ name, distance }) => distance <= (edits ?? Math.max(1, Math.floor(name.length / 3))))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Kea's own names have hyphens and lower case letters. */
function normalised(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll('_', '-');
}

/** Levenshtein's distance, with two letters changing places as one step. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const steps = [at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + same];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        steps.push(at(beforeLast, j - 2) + 1);
      }
      row.push(Math.min(...steps));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
