// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import type { DhcpOption } from '../option';
import type { OptionCodec } from '../option-codec';

/** What an IA_NA and an IA_PD hold. */
export interface IdentityAssociation {
  readonly iaid: number;
  /** seconds; `INFINITY` */
  readonly t1: number;
  /** seconds; `INFINITY` */
  readonly t2: number;
  readonly options: readonly DhcpOption[];
}

/** IAID (4), T1 (4), T2 (4), options. That T1 is not after T2 is for the client to see to. */
export function identityAssociationOption(code: number, name: string): OptionCodec<IdentityAssociation> {
  return {
    code,
    optionsAt: 12,
    decode(data) {
      const reader = new OctetReader(data, name);
      const iaid = reader.uint32('IAID');
      const t1 = reader.uint32('T1');
      const t2 = reader.uint32('T2');
      return { iaid, t1, t2, options: reader.remainingOptions() };
    },
    encode({ iaid, t1, t2, options }) {
      return new OctetWriter()
        .uint32(iaid, 'iaid')
        .uint32(t1, 't1')
        .uint32(t2, 't2')
        .options(options)
        .finish();
    },
  };
}
