// SPDX-License-Identifier: MPL-2.0

import type { TimestampRules } from '../../crypto';
import type { HostIdentifierKind } from '../clients/host-identifier';

/** The settings that the packet path reads. */
export interface PacketPolicy {
  readonly solution: 'A' | 'B';
  readonly queryAuthentication: 'signed' | 'address';
  readonly reportFailures: boolean;
  readonly timestamp: TimestampRules;
  /** Default: none. */
  readonly hostIdentifier?: HostIdentifierKind;
}
