// SPDX-License-Identifier: MPL-2.0
'use strict';

/** An import as tsc writes it for CommonJS. One of a whole namespace, and one for its effects alone, look otherwise. */
const importLine = /^(?:const|var) (\w+_\d+) = require\(("[^"]+")\);$/gm;

/**
 * Has each module of a program loaded when something of it is first used, and not with the file that imports it. A command
 * uses a small part of the code: `kea-encryption client` neither the engine nor lmdb nor what certificates are issued with.
 * The price is a comparison at each use.
 *
 * A module is loaded at its first use, so its imports may have no effects but errors; one that has is imported for its
 * effects alone.
 * @param code CommonJS as tsc writes it; lines stay where they are
 */
exports.lazyImports = function lazyImports(code) {
  const names = [];
  const declared = code.replace(importLine, (_line, name, specifier) => {
    names.push(name);
    return `let ${name}$; const ${name} = () => (${name}$ ??= require(${specifier}));`;
  });
  if (names.length === 0) {
    return code;
  }
  const used = declared.replace(
    new RegExp(`(?<![\\w$]|[^.]\\.)(${names.join('|')})(?=\\.)`, 'g'),
    // In parentheses, as `new name().Class()` would be an instance of what the function returns.
    (name) => `(${name}())`,
  );
  const left = new RegExp(`(?<![\\w$])(${names.join('|')})(?![\\w$]|\\(\\)\\)\\.| = \\(\\) => )`).exec(used);
  if (left !== null) {
    throw new Error(
      `an import is used in a way that is not known here: ${used.slice(left.index, left.index + 80)}`,
    );
  }
  return used;
};
