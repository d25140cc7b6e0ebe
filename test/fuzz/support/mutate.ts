// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, encodeOptions } from '../../../src/dhcpv6';
import type { Random } from './random';

/** Where parsers have their bounds. */
const bounds = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff];

type Change = (random: Random, octets: Buffer, others: readonly Buffer[]) => Buffer;

function splice(octets: Buffer, at: number, removed: number, ...added: readonly Buffer[]): Buffer {
  return Buffer.concat([octets.subarray(0, at), ...added, octets.subarray(at + removed)]);
}

const changes: readonly Change[] = [
  (random, octets) => {
    const copy = Buffer.from(octets);
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  (random, octets) => {
    const copy = Buffer.from(octets);
    copy[random.below(copy.length)] = random.pick(bounds) & 0xff;
    return copy;
  },
  (random, octets) => {
    const copy = Buffer.from(octets);
    if (copy.length >= 2) {
      copy.writeUInt16BE(random.pick(bounds), random.below(copy.length - 1));
    }
    return copy;
  },
  (random, octets) => octets.subarray(0, random.below(octets.length + 1)),
  (random, octets) => splice(octets, random.below(octets.length), 1 + random.below(16)),
  (random, octets) => splice(octets, random.below(octets.length), 0, random.octets(1 + random.below(16))),
  (random, octets) => {
    const at = random.below(octets.length);
    const part = octets.subarray(at, at + 1 + random.below(64));
    return splice(octets, random.below(octets.length), 0, part);
  },
  (random, octets, others) => {
    const other = random.pick(others);
    return splice(
      octets,
      random.below(octets.length),
      octets.length,
      other.subarray(random.below(other.length)),
    );
  },
];

/** One to four changes of octets; `others` to put parts of in. */
export function mutateOctets(random: Random, octets: Buffer, others: readonly Buffer[]): Buffer {
  let changed = octets;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    changed = random.pick(changes)(random, changed, others);
  }
  return Buffer.from(changed);
}

/** The options of a message, as far as they can be read; undefined for a relay message and for what is too short. */
function readOptions(
  octets: Buffer,
): { readonly header: Buffer; readonly options: DhcpOption[] } | undefined {
  if (octets.length < 4 || octets[0] === 12 || octets[0] === 13) {
    return undefined;
  }
  const options: DhcpOption[] = [];
  let at = 4;
  while (at + 4 <= octets.length && at + 4 + octets.readUInt16BE(at + 2) <= octets.length) {
    const end = at + 4 + octets.readUInt16BE(at + 2);
    options.push({ code: octets.readUInt16BE(at), data: octets.subarray(at + 4, end) });
    at = end;
  }
  return { header: octets.subarray(0, 4), options };
}

/** Options that are left out, repeated, in another order, in another's place, nested in one another, or changed inside. */
export function mutateOptions(
  random: Random,
  options: readonly DhcpOption[],
  others: readonly DhcpOption[],
): DhcpOption[] {
  const changed = [...options];
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    const at = random.below(changed.length);
    const option = changed[at] ?? random.pick(others);
    switch (random.below(6)) {
      case 0:
        changed.splice(at, 1);
        break;
      case 1:
        changed.splice(random.below(changed.length + 1), 0, option);
        break;
      case 2:
        changed.splice(random.below(changed.length + 1), 0, random.pick(others));
        break;
      case 3:
        changed[at] = { code: random.pick(others).code, data: option.data };
        break;
      case 4:
        changed[at] = { code: option.code, data: encodeOptions([option]).subarray(0, 0xffff) };
        break;
      default:
        changed[at] = {
          code: option.code,
          data: mutateOctets(
            random,
            option.data,
            others.map(({ data }) => data),
          ).subarray(0, 0xffff),
        };
    }
  }
  return changed;
}

/** A message of DHCPv6 that is changed in its options, or in its octets. */
export function mutateMessage(random: Random, octets: Buffer, others: readonly Buffer[]): Buffer {
  const read = readOptions(octets);
  if (read === undefined || random.below(2) === 0) {
    return mutateOctets(random, octets, others);
  }
  const pool = others.flatMap((other) => readOptions(other)?.options ?? []);
  return Buffer.concat([read.header, encodeOptions(mutateOptions(random, read.options, pool))]);
}
