// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { maxRtOption } from './max-rt';

/** RFC 8415 section 21.24: overrides SOL_MAX_RT. A client checks it with `isMaxRtInRange`. */
export const SolMaxRtOption = maxRtOption(OptionCode.SolMaxRt, 'SOL_MAX_RT');
