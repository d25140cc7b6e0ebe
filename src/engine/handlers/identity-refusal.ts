// SPDX-License-Identifier: MPL-2.0

import {
  encodeMessage,
  findOption,
  type Message,
  MessageType,
  OptionCode,
  StatusCodeOption,
} from '../../dhcpv6';
import { type CodePoints, encodeEncryptedResponse } from '../../protocol';
import type { ServerContext } from '../clients/server-context';

/**
 * The Encrypted-Response that tells a client in a context that it may not use its Client Identifier: an Advertise to a
 * Solicit, else a Reply, with nothing granted (docs/protocol.md 8).
 */
export function identityRefusal(
  { codePoints, serverIdentifier }: { readonly codePoints: CodePoints; readonly serverIdentifier: Buffer },
  context: ServerContext,
  { msgType, transactionId, options }: Message,
  text: string,
): Buffer {
  const clientIdentifier = findOption(options, OptionCode.ClientIdentifier);
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
  return encodeEncryptedResponse(codePoints, transactionId, (firstFour) => {
    const sealing = context.sealing();
    return sealing.seal(sealing.prepare(firstFour), told);
  });
}
