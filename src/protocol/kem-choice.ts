// SPDX-License-Identifier: MPL-2.0

import { KemId } from '../crypto';

/**
 * The KEM of the key that a server tells a client (docs/protocol.md 3): the first of the client's list that the server
 * offers, X25519 where there is none.
 */
export function chosenKem(clientList: readonly number[], offered: readonly number[]): number {
  return clientList.find((kemId) => offered.includes(kemId)) ?? KemId.X25519;
}

/** The same in the answer to a query: the query's KEM where the server offers it, else X25519. */
export function kemForQuery(kemId: number, offered: readonly number[]): number {
  return chosenKem([kemId], offered);
}
