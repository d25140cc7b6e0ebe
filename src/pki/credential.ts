// SPDX-License-Identifier: MPL-2.0

import type { RecipientPublicKey } from '../crypto';

/** What a peer is known by (docs/protocol.md 2): a chain of certificates, end entity first, or a bare key. */
export type Credential =
  | { readonly kind: 'certificate'; readonly chain: readonly Buffer[]; readonly key: RecipientPublicKey }
  | { readonly kind: 'public-key'; readonly key: RecipientPublicKey };
