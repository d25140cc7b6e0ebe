// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { duidOption } from './duid-option';

/** RFC 8415 section 21.2: the client's DUID. */
export const ClientIdentifierOption = duidOption(OptionCode.ClientIdentifier, 'Client Identifier');
