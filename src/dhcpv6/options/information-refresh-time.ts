// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { integerOption } from './integer-option';

/** RFC 8415 section 21.23: seconds after which to ask again; `INFINITY`. A client uses no less than 600. */
export const InformationRefreshTimeOption = integerOption(
  OptionCode.InformationRefreshTime,
  'Information Refresh Time',
  'uint32',
);
