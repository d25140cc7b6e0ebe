// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import {
  type Kem,
  kems,
  padPlaintext,
  RecipientPrivateKey,
  RecipientPublicKey,
  setupBaseR,
  setupBaseS,
  setupPskR,
  setupPskS,
  sign,
  signatureAlgorithmFor,
  verify,
} from '../src/crypto';

/** One figure: microseconds that one operation takes with a key of a KEM or of a credential, in the fastest of several rounds: what disturbs only adds. */
export interface CryptoFigure {
  readonly key: string;
  readonly operation: string;
  readonly microseconds: number;
}

const rounds = 7;
const roundMilliseconds = 40;

function timed(operation: () => unknown, count: number): number {
  const start = process.hrtime.bigint();
  for (let index = 0; index < count; index += 1) {
    operation();
  }
  return Number(process.hrtime.bigint() - start) / 1000;
}

/** Microseconds per call. The first calls warm up and say how many make a round. */
function measure(operation: () => unknown): number {
  let count = 1;
  while (timed(operation, count) < (roundMilliseconds * 1000) / 2) {
    count *= 2;
  }
  return Math.min(...Array.from({ length: rounds }, () => timed(operation, count) / count));
}

function figures(key: string, operations: readonly (readonly [string, () => unknown])[]): CryptoFigure[] {
  return operations.map(([operation, run]) => ({ key, operation, microseconds: measure(run) }));
}

/** What messages are encrypted with. */
function measureKem(kem: Kem): CryptoFigure[] {
  const { kemId, kdfId, aeadId } = kem;
  const suite = { kemId, kdfId, aeadId };
  const own = kem.generateKeyPair(randomBytes);
  const info = Buffer.alloc(60, 1);
  const psk = Buffer.alloc(32, 2);
  const pskId = Buffer.alloc(16, 3);
  const aad = Buffer.alloc(105, 4);
  const plaintext = padPlaintext(Buffer.alloc(200, 5));
  const { enc, context } = setupBaseS(suite, own.public, info);
  const recipient = setupBaseR(suite, enc, own, info);
  const pskEnc = setupPskS(suite, own.public, info, psk, pskId).enc;
  const sealed = context.seal(aad, plaintext);
  return figures(kem.name, [
    ['key pair', () => kem.generateKeyPair(randomBytes)],
    ['setupBaseS', () => setupBaseS(suite, own.public, info)],
    ['setupBaseR', () => setupBaseR(suite, enc, own, info)],
    ['setupPskS', () => setupPskS(suite, own.public, info, psk, pskId)],
    ['setupPskR', () => setupPskR(suite, pskEnc, own, info, psk, pskId)],
    ['seal 256', () => context.seal(aad, plaintext)],
    ['open 256', () => recipient.open(0, aad, sealed)],
    ['export 32', () => recipient.export(info, 32)],
  ]);
}

const signers: readonly (readonly [string, KeyObject])[] = [
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
  ['RSA-2048', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
];

/** What certificates are for. */
function measureSigner([key, privateKey]: readonly [string, KeyObject]): CryptoFigure[] {
  const own = RecipientPrivateKey.fromKeyObject(privateKey);
  const { haId, saId } = signatureAlgorithmFor(own.public);
  const message = Buffer.alloc(600, 6);
  const signature = sign(own, haId, saId, message);
  return figures(key, [
    ['sign 600', () => sign(own, haId, saId, message)],
    ['verify 600', () => verify(own.public, haId, saId, message, signature)],
    ['fromSpki', () => RecipientPublicKey.fromSpki(own.public.spki)],
  ]);
}

/** Costs of the cryptographic primitives with each kind of key. */
export function measureCrypto(): CryptoFigure[] {
  return [...kems.flatMap(measureKem), ...signers.flatMap(measureSigner)];
}

/** Rows: operations; columns: keys; microseconds. Signatures have keys of their own. */
export function cryptoTable(figures: readonly CryptoFigure[]): string {
  const keys = [...new Set(figures.map(({ key }) => key))];
  const operations = [...new Set(figures.map(({ operation }) => operation))];
  const cell = (operation: string, key: string): string => {
    const figure = figures.find((one) => one.operation === operation && one.key === key);
    return (figure?.microseconds.toFixed(1) ?? '').padStart(10);
  };
  const head = ['µs'.padEnd(12), ...keys.map((key) => key.padStart(10))].join('');
  const rows = operations.map((operation) =>
    [operation.padEnd(12), ...keys.map((key) => cell(operation, key))].join('').trimEnd(),
  );
  return [head, ...rows].join('\n');
}

if (require.main === module) {
  process.stdout.write(`${cryptoTable(measureCrypto())}\n`);
}
