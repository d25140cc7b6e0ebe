// SPDX-License-Identifier: MPL-2.0

import type { Kem, RandomOctets } from '../../crypto';
import { type EncryptionKey, encryptionKey, type KeyScope } from './encryption-key';
import { EncryptionKeySet } from './encryption-key-set';

/** Which keys a server makes. */
export interface EncryptionKeySettings {
  readonly kems: readonly Kem[];
  /** Seconds from a key's making to its end. */
  readonly lifetime: number;
  /** One for each certificate and audience; the keys of a scope that is left out go on until they end. */
  readonly scopes: readonly KeyScope[];
}

/** What a turn of the ring has changed. */
export interface RingChange {
  readonly made: readonly EncryptionKey[];
  readonly erased: readonly EncryptionKey[];
}

/**
 * Makes the encryption keys of a server (docs/protocol.md 4.4): a new one for each scope and KEM every half of the
 * lifetime, and erases each at its end.
 */
export class EncryptionKeyRing {
  readonly keys = new EncryptionKeySet();

  /** @param clock Unix milliseconds */
  constructor(
    private settings: EncryptionKeySettings,
    private readonly clock: () => number,
    private readonly random: RandomOctets,
  ) {}

  /** Other settings from here on; `turn` follows. Keys that were told keep their ends. */
  configure(settings: EncryptionKeySettings): void {
    this.settings = settings;
  }

  /** Makes the keys that are due, and erases those that have ended. */
  turn(): RingChange {
    const now = this.clock();
    const erased = this.keys.expire(now);
    const made: EncryptionKey[] = [];
    for (const scope of this.settings.scopes) {
      for (const kem of this.settings.kems) {
        const newest = this.keys.newest(scope, kem.kemId);
        if (newest === undefined || now >= this.renewsAt(newest)) {
          const endsAt = now + this.settings.lifetime * 1000;
          const key = encryptionKey(scope, kem.generateKeyPair(this.random), now, endsAt);
          this.keys.add(key);
          made.push(key);
        }
      }
    }
    return { made, erased };
  }

  /** When `turn` has something to do, in Unix milliseconds; infinity where no key is or is to be made. */
  get turnsAt(): number {
    const { scopes, kems } = this.settings;
    const renewals = scopes.flatMap((scope) =>
      kems.map(({ kemId }) => {
        const newest = this.keys.newest(scope, kemId);
        return newest === undefined ? this.clock() : this.renewsAt(newest);
      }),
    );
    return Math.min(...renewals, ...this.keys.keys.map(({ endsAt }) => endsAt));
  }

  /** Half a lifetime after its making: its own, or that of the settings where that has become shorter. */
  private renewsAt({ madeAt, endsAt }: EncryptionKey): number {
    return madeAt + Math.min(endsAt - madeAt, this.settings.lifetime * 1000) / 2;
  }
}
