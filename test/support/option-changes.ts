// SPDX-License-Identifier: MPL-2.0

import { decodeMessage, encodeMessage } from '../../src/dhcpv6';

/** What somebody between two ends does to an option: takes it out, turns its last bit, or puts another message's in its place. */
export type Change = 'stripped' | 'altered' | { readonly from: Buffer };

/** The message with each option of a code changed; undefined where that leaves it as it is. */
export function withChanged(octets: Buffer, code: number, change: Change): Buffer | undefined {
  const message = decodeMessage(octets);
  const options = message.options.flatMap((option) => {
    if (option.code !== code) {
      return [option];
    }
    if (change === 'stripped') {
      return [];
    }
    if (change === 'altered') {
      return [{ code, data: turned(option.data) }];
    }
    return decodeMessage(change.from).options.filter((other) => other.code === code);
  });
  const changed = encodeMessage({ ...message, options });
  return changed.equals(octets) ? undefined : changed;
}

function turned(data: Buffer): Buffer {
  const copy = Buffer.from(data);
  const last = copy.length - 1;
  copy[last] = (copy[last] ?? 0) ^ 1;
  return copy;
}
