// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { integerOption } from './integer-option';

/** RFC 8415 section 21.8: how much a server wants to be chosen, 0 to 255; 255 ends the client's waiting. */
export const PreferenceOption = integerOption(OptionCode.Preference, 'Preference', 'uint8');
