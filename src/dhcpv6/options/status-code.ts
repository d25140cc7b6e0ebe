// SPDX-License-Identifier: MPL-2.0
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** RFC 8415 section 21.13. */
export interface Status {
  /** `StatusCode`, or one that it does not name */
  readonly code: number;
  /** for people to read */
  readonly message: string;
}

/** Status-code (2), status-message in UTF-8. */
export const StatusCodeOption: OptionCodec<Status> = {
  code: OptionCode.StatusCode,
  decode(data) {
    const reader = new OctetReader(data, 'Status Code');
    const code = reader.uint16('status-code');
    return { code, message: reader.remainingText() };
  },
  encode({ code, message }) {
    return new OctetWriter().uint16(code, 'code').text(message, 'message').finish();
  },
};
