// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface VectorKey {
  readonly type: 'RSA' | 'P-256' | 'P-384';
  readonly private_pem: string;
  readonly public_pem: string;
  readonly spki: string;
  readonly key_id: string;
  readonly certificate_chain_pem: string;
}

interface KeysFile {
  readonly trust_anchor_pem: string;
  readonly keys: Readonly<Record<string, VectorKey>>;
}

export const vectorsDirectory = join(__dirname, '../../vectors');

export const vectors = JSON.parse(
  readFileSync(join(vectorsDirectory, 'protocol/keys.json'), 'utf8'),
) as KeysFile;

export function vectorKey(name: string): VectorKey {
  const key = vectors.keys[name];
  if (key === undefined) {
    throw new Error(`no key ${name} in keys.json`);
  }
  return key;
}

/** A time at which all certificates of the vectors are valid. */
export const vectorsNow = Date.parse('2026-02-22T00:00:00Z');
