// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey, recipientTag } from '../../crypto';
import type { Signer } from '../../protocol';
import { bufferOf, type WorkerIdentity } from './server-material';

interface KeySet {
  readonly signer: Signer;
  readonly byTag: ReadonlyMap<string, RecipientPrivateKey>;
}

/**
 * The keys a server decrypts with, found by recipient tag, and the one it signs with. A key that stays over a reload
 * stays the same object, so that the contexts opened with it go on.
 */
export class ServerKeys {
  private keys: KeySet;

  /**
   * @param previous keys that still open queries after a rollover, newest first
   * @throws CryptoError for a key of another type than docs/protocol.md 2 lists
   */
  constructor(identity: WorkerIdentity, previous: readonly WorkerIdentity[]) {
    this.keys = this.keySet(identity, previous, []);
  }

  get signer(): Signer {
    return this.keys.signer;
  }

  find(tag: Buffer): RecipientPrivateKey | undefined {
    return this.keys.byTag.get(tag.toString('latin1'));
  }

  /** Whether a key is still one of the server's. */
  holds(key: RecipientPrivateKey): boolean {
    return this.find(recipientTag(key.public.spki)) === key;
  }

  /**
   * Those that are not in the new set are no longer referred to from here.
   * @throws CryptoError for a key of another type than docs/protocol.md 2 lists
   */
  replace(identity: WorkerIdentity, previous: readonly WorkerIdentity[]): void {
    this.keys = this.keySet(identity, previous, [...this.keys.byTag.values()]);
  }

  private keySet(
    identity: WorkerIdentity,
    previous: readonly WorkerIdentity[],
    present: readonly RecipientPrivateKey[],
  ): KeySet {
    const imported = ({ privateKey }: WorkerIdentity): RecipientPrivateKey =>
      present.find((key) => key.privateKey.equals(privateKey)) ??
      RecipientPrivateKey.fromKeyObject(privateKey);
    const signer = { key: imported(identity), chain: identity.chain.map(bufferOf) };
    const byTag = new Map<string, RecipientPrivateKey>();
    for (const key of [signer.key, ...previous.map(imported)]) {
      const tag = recipientTag(key.public.spki).toString('latin1');
      if (!byTag.has(tag)) {
        byTag.set(tag, key);
      }
    }
    return { signer, byTag };
  }
}
