// SPDX-License-Identifier: MPL-2.0

import { kemById, type KemPublicKey } from '../../crypto';
import {
  type EncryptionKey,
  encryptionKey,
  hasEnded,
  isSameScope,
  type KeyScope,
  readKeys,
  type SerializedKey,
  serializeKeys,
} from './encryption-key';

/** Milliseconds that a new key takes at most to reach all workers. */
const TOLD_AFTER = 1000;

/** An encryption key as a message tells it. */
export interface ToldKey {
  readonly publicKey: KemPublicKey;
  /** Recipient tag: 8 octets. */
  readonly tag: Buffer;
  /** Whole seconds for which the server can decrypt, from the time that was asked about. */
  readonly lifetime: number;
}

/**
 * The encryption keys that a server decrypts with (docs/protocol.md 4.4). Times are Unix milliseconds. What takes a key
 * away erases it and returns it: the contexts that were opened to it end with it.
 */
export class EncryptionKeySet {
  private readonly byTag = new Map<string, EncryptionKey>();

  get keys(): readonly EncryptionKey[] {
    return [...this.byTag.values()];
  }

  /** The key with this recipient tag, unless it has ended. */
  find(tag: Buffer, now: number): EncryptionKey | undefined {
    const key = this.byTag.get(tag.toString('latin1'));
    return key === undefined || hasEnded(key, now) ? undefined : key;
  }

  /** The newest key of a scope and a KEM, also one that has ended. */
  newest(scope: KeyScope, kemId: number): EncryptionKey | undefined {
    return this.keys
      .filter((key) => key.privateKey.kemId === kemId && isSameScope(key.scope, scope))
      .reduce<EncryptionKey | undefined>(
        (newest, key) => (newest === undefined || key.madeAt > newest.madeAt ? key : newest),
        undefined,
      );
  }

  /**
   * What a server tells: the newest key with the lifetime that it still has; undefined where none is left. A new one is
   * told a moment after it was made, when every worker has it.
   */
  told(scope: KeyScope, kemId: number, now: number): ToldKey | undefined {
    const living = this.keys
      .filter((key) => key.privateKey.kemId === kemId && isSameScope(key.scope, scope) && !hasEnded(key, now))
      .sort((one, other) => other.madeAt - one.madeAt);
    const key = living.find(({ madeAt }) => madeAt + TOLD_AFTER <= now) ?? living[0];
    if (key === undefined) {
      return undefined;
    }
    const lifetime = Math.floor((key.endsAt - now) / 1000);
    return { publicKey: key.privateKey.public, tag: key.tag, lifetime };
  }

  add(key: EncryptionKey): void {
    this.byTag.set(key.tag.toString('latin1'), key);
  }

  /** Erases the keys that have ended. */
  expire(now: number): EncryptionKey[] {
    return this.eraseWhere((key) => hasEnded(key, now));
  }

  /** Erases all keys. */
  erase(): EncryptionKey[] {
    return this.eraseWhere(() => true);
  }

  /** All keys, private ones included: the caller's to wipe. */
  serialize(): Buffer {
    return serializeKeys(this.keys);
  }

  /**
   * Takes over the keys that another set has serialized. Those that are here already stay the same objects; those that
   * are not among them are erased. Nothing changes where it throws.
   * @throws Error for octets that no set has given
   */
  load(octets: Buffer): EncryptionKey[] {
    const loaded = readKeys(octets).map((read) => this.present(read) ?? imported(read));
    const kept = new Set(loaded);
    const erased = this.eraseWhere((key) => !kept.has(key));
    for (const key of loaded) {
      this.add(key);
    }
    return erased;
  }

  /** The same key, if it is here. Expanding a key takes longer than comparing it with all. */
  private present({ scope, kemId, madeAt, endsAt, privateKey }: SerializedKey): EncryptionKey | undefined {
    return this.keys.find((key) => {
      if (key.privateKey.kemId !== kemId || key.madeAt !== madeAt || key.endsAt !== endsAt) {
        return false;
      }
      const own = key.privateKey.serialize();
      const isSame = own.equals(privateKey) && isSameScope(key.scope, scope);
      own.fill(0);
      return isSame;
    });
  }

  private eraseWhere(isGone: (key: EncryptionKey) => boolean): EncryptionKey[] {
    const gone = this.keys.filter(isGone);
    for (const key of gone) {
      this.byTag.delete(key.tag.toString('latin1'));
      key.privateKey.erase();
    }
    return gone;
  }
}

function imported({ scope, kemId, madeAt, endsAt, privateKey }: SerializedKey): EncryptionKey {
  return encryptionKey(scope, kemById(kemId).deserializePrivateKey(privateKey), madeAt, endsAt);
}
