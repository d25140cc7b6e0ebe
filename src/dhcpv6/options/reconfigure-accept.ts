// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { flagOption } from './flag-option';

/** RFC 8415 section 21.20. */
export const ReconfigureAcceptOption = flagOption(OptionCode.ReconfigureAccept, 'Reconfigure Accept');
