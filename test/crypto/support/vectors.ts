// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EphemeralInput, RecipientPrivateKey } from '../../../src/crypto';

const root = join(__dirname, '..', '..', 'vectors');

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

export function vectorText(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** The parsed file; the test says what it reads of it, as the file's `about` describes. */
export function vectors(name: string): unknown {
  return JSON.parse(vectorText(name));
}

export interface KeyVector {
  readonly type: 'RSA' | 'P-256' | 'P-384';
  readonly private_pem: string;
  readonly public_pem: string;
  readonly spki: string;
  readonly key_id: string;
  readonly duid: string;
}

/** The credentials of protocol/keys.json by their names. */
export const keyVectors = (vectors('protocol/keys.json') as { keys: Record<string, KeyVector> }).keys;

const loaded = new Map<string, RecipientPrivateKey>();

/** A credential's key pair of protocol/keys.json by its name. */
export function namedKey(name: string): RecipientPrivateKey {
  const known = loaded.get(name);
  if (known !== undefined) {
    return known;
  }
  const key = RecipientPrivateKey.fromKeyObject(createPrivateKey(keyVectors[name]!.private_pem));
  loaded.set(name, key);
  return key;
}

interface EphemeralFields {
  readonly ikmE?: string;
  readonly rsa_s?: string;
  readonly xwing_eseed?: string;
  readonly enc: string;
}

/** The random input of an encapsulation as the vectors give it. */
export function ephemeralOf(fields: EphemeralFields): EphemeralInput {
  if (fields.xwing_eseed !== undefined) {
    return { eseed: hex(fields.xwing_eseed) };
  }
  return fields.ikmE === undefined
    ? { s: hex(fields.rsa_s!), enc: hex(fields.enc) }
    : { ikmE: hex(fields.ikmE) };
}
