// SPDX-License-Identifier: MPL-2.0

/**
 * docs/log-messages.md out of the hook's message file, which the code is made from too:
 *
 *     node native/log-messages.mjs > docs/log-messages.md
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const source = new URL('hook/kea/encryption_messages.mes', import.meta.url);

const introduction = `# Log messages

All messages have the logger \`kea-dhcp6.encryption-hooks\`; a logger of that name in \`kea-dhcp6.conf\` sets their
severity and destination. \`%1\`, \`%2\` and so on stand for what the text under the message tells. What the engine
reports comes as \`ENCRYPTION_ENGINE_…\`, one message for each severity.
`;

/** A message file of Kea's: comments, and for each message a line "% ID text" and paragraphs for the operator. */
function messages(text) {
  return text
    .replace(/^#.*\n/gm, '')
    .split(/^% /m)
    .slice(1)
    .map((entry) => {
      const [head = '', ...description] = entry.split('\n');
      const [, id, format] = /^(\S+) (.*)$/.exec(head) ?? [];
      return { id, format, description: description.join('\n').trim() };
    });
}

/** What Markdown would read as markup in a plain text. */
function escaped(text) {
  return text.replace(/[<>*_]/g, '\\$&');
}

function section({ id, format, description }) {
  return `## ${id}\n\n\`${format}\`\n\n${escaped(description)}\n`;
}

const text = readFileSync(fileURLToPath(source), 'utf8');
process.stdout.write([introduction, ...messages(text).map(section)].join('\n'));
