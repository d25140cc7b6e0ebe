// SPDX-License-Identifier: MPL-2.0

/** Prints the stanzas of a Debian copyright file for the npm packages below a node_modules directory. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [root] = process.argv.slice(2);

function packages(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      name.startsWith('@') ? packages(join(directory, name)) : [join(directory, name)],
    );
}

/** The copyright lines of the licence that comes with a package, or else its author. */
function holders(directory, manifest) {
  const licences = readdirSync(directory).filter((name) => /^(?:licen[cs]e|copying)/i.test(name));
  const lines = licences
    .flatMap((name) => readFileSync(join(directory, name), 'utf8').split('\n'))
    .filter((line) => /^\s*copyright\b.*(?:\d{4}|\(c\))/i.test(line))
    .map((line) => line.trim().replace(/^copyright\s*/i, ''));
  const author = typeof manifest.author === 'string' ? manifest.author : manifest.author?.name;
  return lines.length > 0 ? lines : [author ?? `the authors of ${manifest.name}`];
}

for (const directory of packages(root)) {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const text = [
    `Files: usr/lib/kea-encryption/node_modules/${directory.slice(root.length + 1)}/*`,
    `Copyright: ${holders(directory, manifest).join('\n ')}`,
    `License: ${manifest.license}`,
  ];
  console.log(`\n${text.join('\n')}`);
}
