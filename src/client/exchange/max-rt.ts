// SPDX-License-Identifier: MPL-2.0

import { InfMaxRtOption, isMaxRtInRange, type Message, readSoundOption, SolMaxRtOption } from '../../dhcpv6';
import { DEFAULT_MAX_RT } from './retransmission';

/** SOL_MAX_RT and INF_MAX_RT in seconds, as servers have overridden them last (RFC 8415 sections 21.24 and 21.25). */
export class MaxRt {
  solicit: number = DEFAULT_MAX_RT;
  informationRequest: number = DEFAULT_MAX_RT;

  /** A value out of its range is ignored. */
  learn({ options }: Message): void {
    const [solicit, information] = [
      readSoundOption(options, SolMaxRtOption),
      readSoundOption(options, InfMaxRtOption),
    ];
    if (solicit !== undefined && isMaxRtInRange(solicit)) {
      this.solicit = solicit;
    }
    if (information !== undefined && isMaxRtInRange(information)) {
      this.informationRequest = information;
    }
  }
}
