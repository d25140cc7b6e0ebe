// SPDX-License-Identifier: MPL-2.0

import { PathStore, verifyPath } from '../src/bridge';
import { EndEntity, PkiError } from '../src/pki';
import {
  algorithms,
  extension,
  ids,
  name,
  rsaSpki,
  validity,
} from '../test/bridge/path/support/certificates';
import { explicit, implicit, oid, sequence } from '../test/bridge/path/support/der';
import { authority, Authority, type Changes, root } from '../test/bridge/path/support/pki';
import { quantile } from './measured';

/** What one chain costs, as a client may show it. */
export interface PathFigure {
  readonly name: string;
  readonly verdict: string;
  /** Milliseconds on the worker's thread, before the path. */
  readonly parse: number;
  /** Milliseconds of processor time. */
  readonly median: number;
  readonly worst: number;
}

const rounds = 30;
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

function withExtension(id: string, value: Buffer): Changes {
  return { extensions: { [id]: extension(id, true, value) } };
}

const longName = (i: number): string => `${'x'.repeat(40)}${i}.example`;
const names = (count: number): Changes =>
  withExtension(ids.subjectAltName, sequence(...times(count, (i) => implicit(2, longName(i)))));
const subtrees = (count: number): Changes =>
  withExtension(
    ids.nameConstraints,
    sequence(explicit(1, ...times(count, (i) => sequence(implicit(2, `${i}.y.example`))))),
  );

/** Authorities below each other, the lowest first; `changes` are each one's. */
function ladder(levels: number, changes: (level: number) => Changes): { lowest: Authority; chain: Buffer[] } {
  let lowest = root;
  const chain: Buffer[] = [];
  for (let level = 0; level < levels; level += 1) {
    lowest = lowest.authority(`Authority ${level}`, changes(level));
    chain.unshift(lowest.certificate);
  }
  return { lowest, chain };
}

/** Policies that map onto each other from level to level, as many as the tree may have. */
function policyTree(levels: number, count: number): Buffer[] {
  const policies = times(count, (i) => `1.2.${i}`);
  const listed = extension(
    ids.certificatePolicies,
    false,
    sequence(...policies.map((id) => sequence(oid(id)))),
  );
  const mapped = times(count, (i) => sequence(oid(policies[i] ?? ''), oid(policies[(i * 7) % count] ?? '')));
  const extensions = {
    [ids.certificatePolicies]: listed,
    [ids.policyMappings]: extension(ids.policyMappings, true, sequence(...mapped)),
  };
  const { lowest, chain } = ladder(levels, () => ({ extensions }));
  return [lowest.endEntity({ extensions: { [ids.certificatePolicies]: listed } }), ...chain];
}

/** By who can show them: anybody; or who has a certification authority below a trust anchor. */
function chains(): readonly (readonly [string, readonly Buffer[]])[] {
  const plain = [authority.endEntity(), authority.certificate];
  const foreign = Authority.root();
  const forged = new Authority(root.name, foreign.key, foreign.certificate, root.spki);
  const twins = times(7, () => forged.authority('Twin'));
  const large = { extensions: { '1.2.3': extension('1.2.3', false, Buffer.alloc(15_000)) } };
  const long = ladder(7, () => ({}));
  const constrained = ladder(4, () => subtrees(200));
  const noted = ladder(7, () => large);
  const dear = rsaSpki(8192, (1n << 63n) + 1n);
  const rsa = new Authority(name('RSA'), foreign.key, root.authorityCertificate('RSA', dear), dear);
  const signature = Buffer.alloc(1024, 0x55);
  const signedByRsa = rsa.endEntity({
    signature,
    algorithm: algorithms.rsaWithSha256,
    outerAlgorithm: algorithms.rsaWithSha256,
  });
  return [
    ['ordinary, two certificates', plain],
    ["anybody: another root's", [foreign.endEntity(), foreign.certificate]],
    [
      'anybody: 7 authorities of one name in the anchor’s name',
      [(twins[0] ?? forged).endEntity(), ...twins.map((one) => one.certificate)],
    ],
    [
      'anybody: 8 certificates of 16 KB, none the issuer',
      [forged.endEntity(large), ...times(7, () => forged.authority('X', large).certificate)],
    ],
    ['anybody: 255 long names', [forged.endEntity(names(255))]],
    [
      'anybody: RSA-8192 with an exponent of 64 bits',
      [signedByRsa, forged.authorityCertificate('RSA', dear)],
    ],
    ['an authority: 8 certificates', [long.lowest.endEntity(), ...long.chain]],
    ['an authority: 8 certificates of 16 KB', [noted.lowest.endEntity(large), ...noted.chain]],
    [
      'an authority: 50 000 comparisons for name constraints',
      [constrained.lowest.endEntity(names(57)), ...constrained.chain],
    ],
    ['an authority: policy tree, 64 policies on 7 levels', policyTree(7, 64)],
    ['an authority: policy tree, 30 policies on 7 levels', policyTree(7, 30)],
    ['an authority: RSA-8192 with an exponent of 64 bits, once', [signedByRsa, rsa.certificate]],
  ];
}

function measureChain(label: string, chain: readonly Buffer[], store: PathStore): PathFigure {
  const spent: number[] = [];
  const parsed: number[] = [];
  let verdict = '';
  for (let round = 0; round < rounds; round += 1) {
    parsed.push(parseTime(chain[0] ?? Buffer.alloc(0)));
    const before = process.cpuUsage();
    const result = verifyPath({ chain, purpose: 'client', time: validity.now }, store);
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1000);
    verdict = result.accepted ? 'accepted' : result.code;
  }
  const [inOrder, parse] = [spent, parsed].map((list) => [...list].sort((a, b) => a - b));
  return {
    name: label,
    verdict,
    parse: quantile(parse ?? [], 0.5),
    median: quantile(inOrder ?? [], 0.5),
    worst: inOrder?.at(-1) ?? NaN,
  };
}

function parseTime(der: Buffer): number {
  const began = performance.now();
  try {
    EndEntity.parse(der);
  } catch (error) {
    if (!(error instanceof PkiError)) {
      throw error;
    }
  }
  return performance.now() - began;
}

/** Path validations a second, on one thread. */
function measureRate(chain: readonly Buffer[], store: PathStore): number {
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < 2000) {
    verifyPath({ chain, purpose: 'client', time: validity.now }, store);
    done += 1;
  }
  return (done * 1000) / (performance.now() - began);
}

function main(): void {
  const store = new PathStore({ anchors: [root.certificate] });
  console.log(`${'ms'.padEnd(62)}${['parse', 'median', 'worst'].map((cell) => cell.padStart(9)).join('')}`);
  const all = chains();
  for (const [label, chain] of all) {
    const { verdict, parse, median, worst } = measureChain(label, chain, store);
    const cells = [parse, median, worst].map((value) => value.toFixed(2).padStart(9)).join('');
    console.log(`${label.padEnd(62)}${cells}  ${verdict}`);
  }
  const rate = measureRate(all[0]?.[1] ?? [], store);
  console.log(`path validations a second, ordinary: ${rate.toFixed(0)}`);
}

main();
