// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { integerOption } from './integer-option';

/** RFC 8415 section 21.9: since the exchange began, in hundredths of a second; 0xffff is that or more. */
export const ElapsedTimeOption = integerOption(OptionCode.ElapsedTime, 'Elapsed Time', 'uint16');
