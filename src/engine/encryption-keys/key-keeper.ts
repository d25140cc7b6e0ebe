// SPDX-License-Identifier: MPL-2.0

import type { Kem, RandomOctets } from '../../crypto';
import { CookieKeys } from '../../protocol';
import { errorText } from '../../support';
import { EncryptionKeyRing } from './encryption-key-ring';
import type { KeyFile, SavedKeys } from './key-file';

/** Milliseconds after which the clock is looked at again: a timer knows of no step of it, and stands still in sleep. */
const MAX_WAIT = 60_000;

/** What all workers decrypt with, and know cookies by: serialized, as it travels to a worker thread. */
export interface KeyMaterial {
  /** Of an EncryptionKeySet. */
  readonly encryptionKeys: Uint8Array;
  /** Of CookieKeys. */
  readonly cookieKeys: Uint8Array;
}

export interface KeyKeeperOptions {
  readonly kems: readonly Kem[];
  /** Seconds. */
  readonly lifetime: number;
  /** Key Identifier of the server's certificate. */
  readonly certificate: Buffer;
  /** Undefined where keys do not outlive the engine. */
  readonly file: KeyFile | undefined;
  readonly random: RandomOctets;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes the keys as they are now to every worker. */
  readonly publish: (keys: KeyMaterial) => void;
  readonly log: (severity: 0 | 1 | 2 | 3, text: string) => void;
}

/** Rotates a server's keys in time, has all workers take them, and keeps them over a restart (docs/protocol.md 4.4, 7). */
export class KeyKeeper {
  private readonly ring: EncryptionKeyRing;
  private readonly cookies: CookieKeys;
  private timer: NodeJS.Timeout | undefined;
  private problem = '';

  constructor(private readonly options: KeyKeeperOptions) {
    const { now, random, file } = options;
    const saved = file?.read();
    this.ring = new EncryptionKeyRing(this.settingsFor(options.certificate), now, random);
    if (saved !== undefined) {
      this.load(saved);
    }
    const cookies = saved === undefined ? undefined : CookieKeys.deserialize(saved.cookieKeys);
    this.cookies = cookies ?? CookieKeys.fresh(now() / 1000, random);
    saved?.cookieKeys.fill(0);
    if (this.turn() || cookies === undefined) {
      this.save();
    }
    this.schedule();
  }

  /** The keys as they are now; the caller's to wipe. */
  get material(): SavedKeys {
    return { encryptionKeys: this.ring.keys.serialize(), cookieKeys: this.cookies.serialize() };
  }

  /** The server signs with another certificate's key from now on; keys that were told under another one live on. */
  adoptCertificate(certificate: Buffer): void {
    this.ring.configure(this.settingsFor(certificate));
    this.update();
  }

  close(): void {
    clearTimeout(this.timer);
    this.ring.keys.erase();
  }

  private settingsFor(certificate: Buffer): ConstructorParameters<typeof EncryptionKeyRing>[0] {
    const { kems, lifetime } = this.options;
    return { kems, lifetime, scopes: [{ certificate, audience: 'clients' }] };
  }

  private load({ encryptionKeys }: SavedKeys): void {
    try {
      this.ring.keys.load(encryptionKeys);
    } catch (error) {
      this.options.log(1, `The encryption keys of before cannot be used: ${errorText(error)}`);
    } finally {
      encryptionKeys.fill(0);
    }
  }

  /** Whether anything has changed. */
  private turn(): boolean {
    const { now, random } = this.options;
    const { made, erased } = this.ring.turn();
    const hasNewCookieKey = this.cookies.advance(now() / 1000, random);
    return made.length > 0 || erased.length > 0 || hasNewCookieKey;
  }

  private update(): void {
    if (this.turn()) {
      this.options.publish(this.material);
      this.save();
    }
    this.schedule();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const next = Math.min(this.ring.turnsAt, this.cookies.changesAt * 1000);
    const wait = Math.max(0, next - this.options.now());
    this.timer = setTimeout(
      () => {
        this.update();
      },
      Math.min(wait, MAX_WAIT),
    );
    this.timer.unref();
  }

  private save(): void {
    const { file, log } = this.options;
    if (file === undefined) {
      return;
    }
    const keys = this.material;
    try {
      file.write(keys);
      this.problem = '';
    } catch (error) {
      const text = errorText(error);
      if (text !== this.problem) {
        log(2, `The encryption keys cannot be saved, after a restart clients will ask for new ones: ${text}`);
      }
      this.problem = text;
    } finally {
      keys.encryptionKeys.fill(0);
      keys.cookieKeys.fill(0);
    }
  }
}
