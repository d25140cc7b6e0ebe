// SPDX-License-Identifier: MPL-2.0

import type { TimestampRules } from '../../crypto';
import type { HostIdentifierKind } from '../clients/host-identifier';

/** The settings that the packet path reads. */
export interface PacketPolicy {
  readonly solution: 'A' | 'B';
  readonly reportFailures: boolean;
  /** docs/protocol.md 9. Default false. */
  readonly draftLiteral?: boolean;
  readonly timestamp: TimestampRules;
  /** Default: none. */
  readonly hostIdentifier?: HostIdentifierKind;
}
