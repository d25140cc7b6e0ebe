// SPDX-License-Identifier: MPL-2.0
import { OptionCode } from '../option-code';
import { addressListOption } from './address-list-option';

/** RFC 3646 section 3: DNS Recursive Name Servers, in the order in which to use them. */
export const DnsServersOption = addressListOption(OptionCode.DnsServers, 'DNS Recursive Name Server');
