// SPDX-License-Identifier: MPL-2.0
import { readFile } from 'node:fs/promises';

export interface KeaLease {
  readonly type: 'IA_NA' | 'IA_TA' | 'IA_PD';
  readonly address: string;
  readonly prefixLength: number;
  /** Hexadecimal, without separators. */
  readonly duid: string;
  readonly iaid: number;
  readonly subnetId: number;
  readonly validLifetime: number;
  readonly hostname: string;
  /** Hexadecimal Key Identifier of the key that owns it (docs/protocol.md 8); undefined in clear. */
  readonly owner: string | undefined;
}

const TYPES = ['IA_NA', 'IA_TA', 'IA_PD'] as const;

/** @param context JSON, in which Kea writes commas as `&#x2c` */
function ownerIn(context: string): string | undefined {
  if (context === '') {
    return undefined;
  }
  const json = JSON.parse(context.replaceAll('&#x2c', ',')) as {
    readonly encryption?: { readonly key: string };
  };
  return json.encryption?.key;
}

/** Reads Kea's memfile: each line replaces the earlier ones for its address, a valid lifetime of 0 removes it. */
export async function readLeases(path: string): Promise<KeaLease[]> {
  const [header, ...lines] = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  const columns = header?.split(',') ?? [];
  const leases = new Map<string, KeaLease>();
  for (const line of lines) {
    const fields = new Map(line.split(',').map((value, i) => [columns[i] ?? '', value]));
    const field = (name: string): string => {
      const value = fields.get(name);
      if (value === undefined) {
        throw new Error(`${path} has no column ${name} in: ${line}`);
      }
      return value;
    };
    const type = TYPES[Number(field('lease_type'))];
    if (type === undefined) {
      throw new Error(`${path} has a lease of unknown type: ${line}`);
    }
    const lease: KeaLease = {
      type,
      address: field('address'),
      prefixLength: Number(field('prefix_len')),
      duid: field('duid').replaceAll(':', ''),
      iaid: Number(field('iaid')),
      subnetId: Number(field('subnet_id')),
      validLifetime: Number(field('valid_lifetime')),
      hostname: field('hostname'),
      owner: ownerIn(field('user_context')),
    };
    const key = `${lease.address}/${lease.prefixLength}`;
    if (lease.validLifetime === 0) {
      leases.delete(key);
    } else {
      leases.set(key, lease);
    }
  }
  return [...leases.values()];
}
