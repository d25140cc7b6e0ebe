// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { identityAssociationOption } from './identity-association';

/** RFC 8415 section 21.21: Identity Association for Prefix Delegation. */
export const IaPdOption = identityAssociationOption(OptionCode.IaPd, 'IA_PD');
