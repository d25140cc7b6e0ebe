// SPDX-License-Identifier: MPL-2.0

import type { IssuedKeyType } from '../src/pki';
import { access, type BenchServer, withServer } from './bench-server';
import { type Load, load } from './load';
import { type Figure, figure } from './measured';
import { primitiveCosts } from './primitives';
import { rounds, Samples } from './rounds';

/** Clients behind a relay agent, so that each has an address of its own and they spread over the workers. */
const common = [...access.relayed, '--clients', '20', '--in-flight', '4'];

const keyTypes = ['P-256', 'RSA-2048'] as const satisfies readonly IssuedKeyType[];

/**
 * Announcements and openings a second: as many openings as the engine admits from one link (docs/performance.md). Openings are held
 * against Renews at the same rate, because a processor that idles between packets makes each of them dearer.
 */
const limited = ['--rate', '300'];

/** Each only once: it is served its four messages, and the key before them, as fast as the engine admits. */
const newcomers = ['--first', '100000', '--clients', '600', '--in-flight', '4'];

/** Seconds: at such a rate it takes longer until all of the code is compiled. */
const longWarmUp = 6;

/**
 * What the server's processes spend on each kind of exchange, beside a cleartext exchange of a Kea without the hook and
 * beside the cryptographic operations that cannot be done without.
 */
export async function measureServerCost(): Promise<Figure[]> {
  const samples = new Samples();
  for (let round = 0; round < rounds; round += 1) {
    await withServer({ keyType: 'P-256', withHook: false }, async (server) => {
      samples.add('clear', (await load(server, ['four-way', '--cleartext', '100', ...common])).cost);
    });
    for (const keyType of keyTypes) {
      await withServer({ keyType, withHook: true }, (server) => measureKeyType(server, keyType, samples));
      const { opening } = await primitiveCosts(keyType);
      samples.add(`${keyType} opening primitives`, opening);
    }
  }
  return [
    figure('server CPU of a cleartext 4-way exchange, Kea alone', 'µs', samples.of('clear')),
    ...keyTypes.flatMap((keyType) => figuresOf(keyType, samples)),
  ];
}

async function measureKeyType(server: BenchServer, keyType: IssuedKeyType, samples: Samples): Promise<void> {
  const keys = [...common, '--key-type', keyType];
  const fourWay = await load(server, ['four-way', ...keys]);
  samples.add(`${keyType} 4-way`, fourWay.cost);
  samples.add(`${keyType} 4-way kea`, fourWay.kea);
  samples.add(`${keyType} 4-way engine`, fourWay.engine);
  const add = (name: string, { cost, kea, engine }: Load): void => {
    samples.add(`${keyType} ${name}`, cost);
    samples.add(`${keyType} ${name} kea`, kea);
    samples.add(`${keyType} ${name} engine`, engine);
  };
  const fresh = ['renew', '--fresh-contexts', ...limited, ...keys];
  const renew = await load(server, ['renew', ...limited, ...keys], longWarmUp);
  add('renew', renew);
  const opening = await load(server, fresh, longWarmUp);
  samples.add(`${keyType} opening`, opening.cost - renew.cost);
  add('opening with credential', await load(server, [...fresh, '--show-credential'], longWarmUp));
  add('announcement', await load(server, ['authenticate', ...limited, ...keys], longWarmUp));
  add(
    'authentication',
    await load(server, ['authenticate', '--show-credential', ...limited, ...keys], longWarmUp),
  );
  add('newcomer', await load(server, ['newcomer', ...access.relayed, ...newcomers, '--key-type', keyType]));
}

function figuresOf(keyType: string, samples: Samples): Figure[] {
  const named = (name: string): string => `${keyType} ${name}`;
  const part = (title: string, name: string): Figure => figure(title, 'µs', samples.of(named(name)));
  const parts = (title: string, name: string): Figure[] => [
    part(title, name),
    part("  the engine's part", `${name} engine`),
  ];
  const ratio = (title: string, name: string, other: string): Figure =>
    figure(title, 'ratio', samples.ratio(named(name), other));
  return [
    part(`${keyType}: server CPU of an encrypted 4-way exchange`, '4-way'),
    part("  Kea's part", '4-way kea'),
    part("  the engine's part", '4-way engine'),
    ratio('  encrypted : cleartext', '4-way', 'clear'),
    ...parts(`${keyType}: server CPU of an announcement`, 'announcement'),
    ...parts(`${keyType}: server CPU of a shown authentication`, 'authentication'),
    ...parts(
      `${keyType}: server CPU of a Renew that opens a context, credential inside`,
      'opening with credential',
    ),
    ...parts(`${keyType}: server CPU of a Renew in an open context, at that rate`, 'renew'),
    ...parts(`${keyType}: server CPU of a newcomer`, 'newcomer'),
    part(`${keyType}: server CPU that an opening adds to a Renew`, 'opening'),
    part('  its primitives, by openssl speed', 'opening primitives'),
    ratio('  opening : primitives', 'opening', named('opening primitives')),
  ];
}
