// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.11. What the octets mean depends on protocol and algorithm. */
export interface Authentication {
  readonly protocol: number;
  readonly algorithm: number;
  /** replay detection method */
  readonly rdm: number;
  /** 8 octets */
  readonly replayDetection: Buffer;
  readonly authenticationInformation: Buffer;
}

const REPLAY_DETECTION_LENGTH = 8;

/** Protocol (1), algorithm (1), RDM (1), replay detection (8), authentication information. */
export const AuthenticationOption: OptionCodec<Authentication> = {
  code: OptionCode.Authentication,
  decode(data) {
    const reader = new OctetReader(data, 'Authentication');
    const protocol = reader.uint8('protocol');
    const algorithm = reader.uint8('algorithm');
    const rdm = reader.uint8('RDM');
    const replayDetection = reader.take(REPLAY_DETECTION_LENGTH, 'replay detection');
    return { protocol, algorithm, rdm, replayDetection, authenticationInformation: reader.remaining() };
  },
  encode({ protocol, algorithm, rdm, replayDetection, authenticationInformation }) {
    return new OctetWriter()
      .uint8(protocol, 'protocol')
      .uint8(algorithm, 'algorithm')
      .uint8(rdm, 'rdm')
      .fixed(replayDetection, REPLAY_DETECTION_LENGTH, 'replayDetection')
      .octets(authenticationInformation)
      .finish();
  },
};
