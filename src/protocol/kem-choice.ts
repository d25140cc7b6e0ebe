// SPDX-License-Identifier: MPL-2.0

/** docs/protocol.md 4. */
export const KemId = { P256: 0x0010, P384: 0x0011, X25519: 0x0020, XWing: 0x647a } as const;

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
