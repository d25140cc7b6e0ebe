// SPDX-License-Identifier: MPL-2.0

import { type CodePoints, encodeEncryptedResponse } from '../../protocol';
import type { ContextTable } from '../clients/context-table';
import type { ServerContext } from '../clients/server-context';

export interface ResponseSealing {
  readonly codePoints: CodePoints;
  readonly contexts: ContextTable;
}

/**
 * The Encrypted-Response to a query in a context (docs/protocol.md 4.3), which ends with the response to its last one.
 * @param inner Advertise or Reply
 */
export function sealResponse(
  { codePoints, contexts }: ResponseSealing,
  context: ServerContext,
  transactionId: number,
  inner: Buffer,
): Buffer {
  const response = encodeEncryptedResponse(codePoints, transactionId, (firstFour) => {
    const { sealing } = context;
    return sealing.seal(sealing.prepare(firstFour), inner);
  });
  contexts.answered(context);
  return response;
}
