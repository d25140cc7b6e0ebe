// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { maxRtOption } from './max-rt';

/** RFC 8415 section 21.25: overrides INF_MAX_RT. A client checks it with `isMaxRtInRange`. */
export const InfMaxRtOption = maxRtOption(OptionCode.InfMaxRt, 'INF_MAX_RT');
