// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { identityAssociationOption } from './identity-association';

/** RFC 8415 section 21.4: Identity Association for Non-temporary Addresses. */
export const IaNaOption = identityAssociationOption(OptionCode.IaNa, 'IA_NA');
