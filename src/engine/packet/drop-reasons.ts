// SPDX-License-Identifier: MPL-2.0

import { protocolErrorCodes } from '../../protocol';
import { Refusal } from '../../support';
import type { Pause } from './verdict';

/**
 * Every reason for which the engine drops a packet. The position is the reason's code on the channel and
 * the name is part of the statistic's name, so reasons are only ever added at the end of their list.
 */
export const dropReasons = [
  ...protocolErrorCodes,
  'solution-mismatch',
  'mode-refused',
  'blocklisted',
  'rate-limited',
  'state-unavailable',
  'answer-unexpected',
  'internal-error',
  'answer-too-long',
  'amplification',
  'relay-agent-unknown',
  'signing-failed',
] as const;

export type DropReason = (typeof dropReasons)[number];

const codes: ReadonlyMap<DropReason, number> = new Map(dropReasons.map((reason, code) => [reason, code]));

export function reasonCode(reason: DropReason): number {
  return codes.get(reason) ?? dropReasons.indexOf('internal-error');
}

/** A packet that the engine drops for a reason of its own, beside those of the protocol. */
export class EngineDrop extends Refusal {
  override readonly name = 'EngineDrop';

  constructor(
    readonly code: DropReason,
    message: string,
    readonly pause?: Pause,
  ) {
    super(message);
  }
}
