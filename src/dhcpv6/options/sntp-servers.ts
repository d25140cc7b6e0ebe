// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { addressListOption } from './address-list-option';

/** RFC 4075 section 4: SNTP servers, in the order in which to use them. */
export const SntpServersOption = addressListOption(OptionCode.SntpServers, 'SNTP Servers');
