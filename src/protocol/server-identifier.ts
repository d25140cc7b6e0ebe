// SPDX-License-Identifier: MPL-2.0

import { type DhcpOption, isDuidLength, OptionCode } from '../dhcpv6';
import { ProtocolError } from './errors';
import { optionalData } from './options';

/**
 * The DUID in the Server Identifier option of a server's message, undefined if it has none.
 * @throws ProtocolError `option-repeated`, `option-length`
 */
export function optionalServerIdentifier(options: readonly DhcpOption[], name: string): Buffer | undefined {
  const duid = optionalData(options, OptionCode.ServerIdentifier, name);
  if (duid !== undefined && !isDuidLength(duid.length)) {
    throw new ProtocolError('option-length', `${name} option of ${String(duid.length)} octets`);
  }
  return duid;
}
