// SPDX-License-Identifier: MPL-2.0

import {
  encodeMessage,
  findOption,
  type Message,
  MessageType,
  OptionCode,
  StatusCodeOption,
} from '../../dhcpv6';
import type { ServerContext } from '../clients/server-context';
import { type ResponseSealing, sealResponse } from './seal-response';

export interface IdentityRefusal extends ResponseSealing {
  /** The server's DUID. */
  readonly serverIdentifier: Buffer;
}

/**
 * The Encrypted-Response that tells a client in a context that it may not use its Client Identifier: an Advertise to a
 * Solicit, else a Reply, with nothing granted (docs/protocol.md 8).
 */
export function identityRefusal(
  options: IdentityRefusal,
  context: ServerContext,
  { msgType, transactionId, options: asked }: Message,
  text: string,
): Buffer {
  const { codePoints, serverIdentifier } = options;
  const clientIdentifier = findOption(asked, OptionCode.ClientIdentifier);
  const status = { code: codePoints.statusCodes['identity-refused'], message: text };
  const told = encodeMessage({
    msgType: msgType === MessageType.Solicit ? MessageType.Advertise : MessageType.Reply,
    transactionId,
    options: [
      ...(clientIdentifier === undefined ? [] : [clientIdentifier]),
      { code: OptionCode.ServerIdentifier, data: serverIdentifier },
      { code: OptionCode.StatusCode, data: StatusCodeOption.encode(status) },
    ],
  });
  return sealResponse(options, context, transactionId, told);
}
