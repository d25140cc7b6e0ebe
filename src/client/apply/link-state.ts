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

/** Whether an interface is there, up, and has a carrier, by `ip -json link`. */
export async function isLinkUp(run: RunCommand, interfaceName: string): Promise<boolean> {
  let text: string;
  try {
    text = await run('ip', ['-json', 'link', 'show', 'dev', interfaceName]);
  } catch {
    return false;
  }
  const flags = field(parse(text)[0], 'flags');
  return Array.isArray(flags) && flags.includes('UP') && flags.includes('LOWER_UP');
}

export interface AddressState {
  readonly address: string;
  readonly state: 'usable' | 'tentative' | 'duplicate';
}

/** The IPv6 addresses of an interface and how duplicate address detection stands, by `ip -json address`. */
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
