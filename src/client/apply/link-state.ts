// SPDX-License-Identifier: MPL-2.0

import type { RunCommand } from './command';

function parse(text: string): readonly unknown[] {
  const json: unknown = JSON.parse(text === '' ? '[]' : text);
  return Array.isArray(json) ? json : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined;
}

export interface LinkState {
  /** By which an interface is known: one that was deleted and made anew has another, whatever its name and address. */
  readonly index: number;
  /** Whether it is up, and has a carrier. */
  readonly isUp: boolean;
}

/** What `ip -json link` says of an interface; undefined if there is none. */
export async function linkState(run: RunCommand, interfaceName: string): Promise<LinkState | undefined> {
  let text: string;
  try {
    text = await run('ip', ['-json', 'link', 'show', 'dev', interfaceName]);
  } catch {
    return undefined;
  }
  const [link] = parse(text);
  const [flags, index] = [field(link, 'flags'), field(link, 'ifindex')];
  const isUp = Array.isArray(flags) && flags.includes('UP') && flags.includes('LOWER_UP');
  return typeof index === 'number' ? { index, isUp } : undefined;
}

export interface AddressState {
  readonly address: string;
  readonly state: 'usable' | 'tentative' | 'duplicate';
}

/**
 * The IPv6 addresses of an interface and how duplicate address detection stands, by `ip -json address`.
 * @throws Error of the command
 */
export async function addressStates(run: RunCommand, interfaceName: string): Promise<AddressState[]> {
  const text = await run('ip', ['-json', '-6', 'address', 'show', 'dev', interfaceName]);
  const info = field(parse(text)[0], 'addr_info');
  return (Array.isArray(info) ? info : []).flatMap((entry: unknown): AddressState[] => {
    const address = field(entry, 'local');
    if (typeof address !== 'string') {
      return [];
    }
    const isDuplicate = field(entry, 'dadfailed') === true;
    const isTentative = field(entry, 'tentative') === true;
    return [{ address, state: isDuplicate ? 'duplicate' : isTentative ? 'tentative' : 'usable' }];
  });
}
