// SPDX-License-Identifier: MPL-2.0

import { type RecipientPrivateKey, recipientTag } from '../crypto';
import type { Signer } from '../protocol';

/** The keys a server decrypts with, found by recipient tag, and the one it signs with. */
export class ServerKeys {
  private readonly byTag = new Map<string, RecipientPrivateKey>();

  /** @param previous keys that still open queries after a rollover, newest first */
  constructor(
    readonly signer: Signer,
    previous: readonly RecipientPrivateKey[],
  ) {
    for (const key of [signer.key, ...previous]) {
      const tag = recipientTag(key.public.spki).toString('latin1');
      if (!this.byTag.has(tag)) {
        this.byTag.set(tag, key);
      }
    }
  }

  find(tag: Buffer): RecipientPrivateKey | undefined {
    return this.byTag.get(tag.toString('latin1'));
  }
}
