// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, type KeyObject } from 'node:crypto';
import { statSync } from 'node:fs';
import { checkDer, Tag } from '../bridge';
import { asPkiError } from './certificate';
import { PkiError } from './errors';
import { looksLikePem, parsePem, type PemBlock } from './pem';
import { readWholeFile } from './read-file';

/** PKCS#8 (RFC 5958), SEC1 (RFC 5915) and PKCS#1 (RFC 8017) by their PEM labels. */
const formats: Readonly<Record<string, 'pkcs8' | 'sec1' | 'pkcs1'>> = {
  'PRIVATE KEY': 'pkcs8',
  'EC PRIVATE KEY': 'sec1',
  'RSA PRIVATE KEY': 'pkcs1',
};

/**
 * The private key of a PEM file, which holds exactly one. `EC PARAMETERS` beside it, as OpenSSL writes them, are
 * passed over: the key names its curve itself.
 * @param input a path, or the octets themselves, which are wiped
 * @param source names the octets in errors if they come from no file
 * @throws PkiError that names the file
 */
export function readPrivateKey(input: string | Buffer, source = 'private key'): KeyObject {
  const name = typeof input === 'string' ? input : source;
  const octets = typeof input === 'string' ? readWholeFile(input) : input;
  try {
    return readKey(octets, name);
  } finally {
    // The KeyObject has the key from here on, in memory that OpenSSL clears.
    octets.fill(0);
  }
}

function readKey(octets: Buffer, name: string): KeyObject {
  if (!looksLikePem(octets)) {
    const hint =
      octets[0] === Tag.Sequence ? ': for a key in DER, openssl pkey -inform DER -in FILE -out FILE.pem' : '';
    throw new PkiError('key-malformed', name, `not PEM${hint}`);
  }
  const blocks = parsePem(octets, name);
  try {
    return readOnlyKey(blocks, name);
  } finally {
    for (const { der } of blocks) {
      der.fill(0);
    }
  }
}

function readOnlyKey(blocks: readonly PemBlock[], name: string): KeyObject {
  const [block, second] = blocks.filter(({ label }) => label !== 'EC PARAMETERS');
  if (block === undefined) {
    throw new PkiError('file-empty', name, 'no private key in it');
  }
  if (second !== undefined) {
    throw new PkiError(
      'pem-malformed',
      name,
      `line ${second.line}: a ${second.label} besides the first: only one private key belongs here`,
    );
  }
  return decodePrivateKey(block, name);
}

const othersMayReadOrWrite = 0o006;

/**
 * What is wrong with the mode of a private key's file: only its owner and its group may read it.
 * @returns undefined if nothing is, or if there is no such file
 */
export function privateKeyExposure(path: string): string | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & othersMayReadOrWrite) === 0) {
    return undefined;
  }
  const digits = (mode & 0o777).toString(8).padStart(4, '0');
  return `the private key ${path} is open to every user of this machine (mode ${digits}): chmod 0600 or 0640`;
}

/** The private key of one PEM block, which must be one. */
export function decodePrivateKey(block: PemBlock, source: string): KeyObject {
  const { label, der } = block;
  if (label === 'ENCRYPTED PRIVATE KEY' || block.headers.some((header) => header.includes('ENCRYPTED'))) {
    throw new PkiError(
      'key-encrypted',
      source,
      'the private key is encrypted with a passphrase, which a daemon cannot type: openssl pkey -in FILE -out FILE.key writes it without',
    );
  }
  const type = formats[label];
  if (type === undefined) {
    throw new PkiError('key-malformed', source, `line ${block.line}: a ${label}, not a private key`);
  }
  asPkiError('key-malformed', source, 'not a private key in DER', () => checkDer(der));
  try {
    return createPrivateKey({ key: der, format: 'der', type });
  } catch (error) {
    throw new PkiError('key-malformed', source, `the ${label} cannot be read`, { cause: error });
  }
}
