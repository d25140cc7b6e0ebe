// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  padPlaintext,
  RecipientPrivateKey,
  RecipientPublicKey,
  setupBaseR,
  setupBaseS,
  setupPskR,
  setupPskS,
  sign,
  signatureAlgorithmFor,
  suiteFor,
  verify,
} from '../src/crypto';

/** One figure: microseconds that one operation takes, in the fastest of several rounds: what disturbs only adds. */
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

function keyPairs(): [string, KeyObject][] {
  return [
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['RSA-2048', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ];
}

function measureKey(key: string, privateKey: KeyObject): CryptoFigure[] {
  const own = RecipientPrivateKey.fromKeyObject(privateKey);
  const suite = suiteFor(own.public.keyType);
  const info = Buffer.from('dhcpv6-encryption-00 query', 'ascii');
  const psk = Buffer.alloc(32, 1);
  const pskId = Buffer.alloc(32, 2);
  const aad = Buffer.alloc(105, 3);
  const plaintext = padPlaintext(Buffer.alloc(200, 4));
  const { enc, context } = setupBaseS(suite, own.public, info);
  const recipient = setupBaseR(suite, enc, own, info);
  const pskEnc = setupPskS(suite, own.public, info, psk, pskId).enc;
  const sealed = context.seal(aad, plaintext);
  const { haId, saId } = signatureAlgorithmFor(own.public);
  const message = Buffer.alloc(600, 5);
  const signature = sign(own, haId, saId, message);
  const operations: [string, () => unknown][] = [
    ['setupBaseS', () => setupBaseS(suite, own.public, info)],
    ['setupBaseR', () => setupBaseR(suite, enc, own, info)],
    ['setupPskS', () => setupPskS(suite, own.public, info, psk, pskId)],
    ['setupPskR', () => setupPskR(suite, pskEnc, own, info, psk, pskId)],
    ['seal 256', () => context.seal(aad, plaintext)],
    ['open 256', () => recipient.open(0, aad, sealed)],
    ['export 32', () => recipient.export(info, 32)],
    ['sign 600', () => sign(own, haId, saId, message)],
    ['verify 600', () => verify(own.public, haId, saId, message, signature)],
    ['fromSpki', () => RecipientPublicKey.fromSpki(own.public.spki)],
  ];
  return operations.map(([operation, run]) => ({ key, operation, microseconds: measure(run) }));
}

/** Costs of the cryptographic primitives with each kind of key. */
export function measureCrypto(): CryptoFigure[] {
  return keyPairs().flatMap(([key, privateKey]) => measureKey(key, privateKey));
}

/** Rows: operations; columns: keys; microseconds. */
export function cryptoTable(figures: readonly CryptoFigure[]): string {
  const keys = [...new Set(figures.map(({ key }) => key))];
  const operations = [...new Set(figures.map(({ operation }) => operation))];
  const cell = (operation: string, key: string): string =>
    (
      figures.find((figure) => figure.operation === operation && figure.key === key)?.microseconds ??
      Number.NaN
    )
      .toFixed(1)
      .padStart(10);
  const head = ['µs'.padEnd(12), ...keys.map((key) => key.padStart(10))].join('');
  const rows = operations.map((operation) =>
    [operation.padEnd(12), ...keys.map((key) => cell(operation, key))].join(''),
  );
  return [head, ...rows].join('\n');
}

if (require.main === module) {
  process.stdout.write(`${cryptoTable(measureCrypto())}\n`);
}
