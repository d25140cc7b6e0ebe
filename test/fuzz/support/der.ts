// SPDX-License-Identifier: MPL-2.0

import { sign, type KeyObject } from 'node:crypto';
import { bitString, element, sequence } from '../../pki/support/der';
import { mutateOctets } from './mutate';
import type { Random } from './random';

/** A value of DER: its contents, or what is inside. */
export interface DerNode {
  tag: number;
  readonly children: DerNode[] | undefined;
  contents: Buffer;
}

const CONSTRUCTED = 0x20;

/** Of DER with short tags, as certificates have. */
export function parseDer(octets: Buffer): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < octets.length;) {
    const tag = octets.readUInt8(at);
    const first = octets.readUInt8(at + 1);
    const count = first < 0x80 ? 0 : first & 0x7f;
    const length = count === 0 ? first : octets.readUIntBE(at + 2, count);
    const begin = at + 2 + count;
    const contents = octets.subarray(begin, begin + length);
    nodes.push({ tag, contents, children: (tag & CONSTRUCTED) === 0 ? undefined : parseDer(contents) });
    at = begin + length;
  }
  return nodes;
}

/** Lengths are made anew, so that what is changed inside is still DER around it. */
export function encodeDer({ tag, children, contents }: DerNode): Buffer {
  return element(tag, ...(children === undefined ? [contents] : children.map(encodeDer)));
}

function nodesOf(node: DerNode): DerNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

/** Leaves out, repeats, moves, retags or changes one to three values. */
export function mutateDer(random: Random, root: DerNode, others: readonly Buffer[]): void {
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const all = nodesOf(root);
    const node = random.pick(all);
    const { children } = node;
    const choice = random.below(6);
    if (choice === 0) {
      node.tag = random.pick([
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0xa0, 0xa3,
      ]);
    } else if (children === undefined || children.length === 0) {
      node.contents = mutateOctets(
        random,
        Buffer.concat([node.contents, Buffer.alloc(node.contents.length === 0 ? 1 : 0)]),
        others,
      );
    } else if (choice === 1) {
      children.splice(random.below(children.length), 1);
    } else if (choice === 2) {
      children.splice(random.below(children.length + 1), 0, random.pick(children));
    } else if (choice === 3) {
      children.reverse();
    } else if (nodesOf(root).length < 1000) {
      // A copy: nothing may be inside itself.
      const [copy] = parseDer(encodeDer(random.pick(all)));
      children.splice(random.below(children.length + 1), 0, ...(copy === undefined ? [] : [copy]));
    }
  }
}

/** A certificate or CRL, changed below its first member, and signed over that with ECDSA and SHA-256. */
export function forge(random: Random, der: Buffer, others: readonly Buffer[], key: KeyObject): Buffer {
  const [body, algorithm] = parseDer(der)[0]?.children ?? [];
  if (body === undefined || algorithm === undefined) {
    throw new Error('a seed that is no certificate');
  }
  mutateDer(random, body, others);
  const signed = encodeDer(body);
  return sequence(signed, encodeDer(algorithm), bitString(0, ...sign('sha256', signed, key)));
}
