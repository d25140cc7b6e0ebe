// SPDX-License-Identifier: MPL-2.0

/** One stanza of boringssl-hpke_test_vectors.txt: `name = hex` lines, then numbered encryptions and exports. */
export interface HpkeStanza {
  readonly fields: ReadonlyMap<string, string>;
  readonly encryptions: readonly ReadonlyMap<string, string>[];
  readonly exports: readonly ReadonlyMap<string, string>[];
}

export function parseStanzas(text: string): HpkeStanza[] {
  return text
    .split(/\n\s*\n/)
    .filter((stanza) => stanza.trim() !== '')
    .map(parseStanza);
}

function parseStanza(text: string): HpkeStanza {
  const fields = new Map<string, string>();
  const encryptions: Map<string, string>[] = [];
  const exports: Map<string, string>[] = [];
  let current = fields;
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) {
      current = new Map();
      (line.startsWith('# encryptions') ? encryptions : exports).push(current);
    } else if (line.includes('=')) {
      const [name, value] = line.split('=');
      current.set(name!.trim(), value!.trim());
    }
  }
  return { fields, encryptions, exports };
}
