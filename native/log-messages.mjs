// SPDX-License-Identifier: MPL-2.0

/**
 * What is made of the hook's message file, docs/log-messages.md and, when the hook is built, the code that Kea's message
 * compiler would make:
 *
 *     node native/log-messages.mjs > docs/log-messages.md
 *     node native/log-messages.mjs --code DIRECTORY
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

function header(all) {
  const declared = all.map(({ id }) => `extern const isc::log::MessageID ${id};\n`).join('');
  return `#ifndef KEA_ENCRYPTION_MESSAGES_H
#define KEA_ENCRYPTION_MESSAGES_H

#include <log/message_types.h>

${declared}
#endif
`;
}

function code(all) {
  const defined = all.map(({ id }) => `extern const isc::log::MessageID ${id} = "${id}";\n`).join('');
  const values = all.map(({ id, format }) => `    "${id}", ${JSON.stringify(format)},\n`).join('');
  return `#include "encryption_messages.h"

#include <log/message_initializer.h>

${defined}
namespace {

const char* values[] = {
${values}    nullptr
};

const isc::log::MessageInitializer initializer(values);

}  // namespace
`;
}

const all = messages(readFileSync(fileURLToPath(source), 'utf8'));
const [option, directory] = process.argv.slice(2);
if (option === '--code') {
  writeFileSync(join(directory, 'encryption_messages.h'), header(all));
  writeFileSync(join(directory, 'encryption_messages.cc'), code(all));
} else {
  process.stdout.write([introduction, ...all.map(section)].join('\n'));
}
