// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { duidOption } from './duid-option';

/** RFC 8415 section 21.3: the server's DUID. */
export const ServerIdentifierOption = duidOption(OptionCode.ServerIdentifier, 'Server Identifier');
