// SPDX-License-Identifier: MPL-2.0

import { CryptoError } from '../errors';
import { wipe } from '../wipe';

/** A private key's octets. Zeros would work as well as another key, so one that is erased is of no more use. */
export class ErasableOctets {
  private isErased = false;

  /** @param octets kept */
  constructor(private readonly octets: Buffer) {}

  /** @throws CryptoError `key-erased` */
  require(): Buffer {
    if (this.isErased) {
      throw new CryptoError('key-erased', 'the private key is gone');
    }
    return this.octets;
  }

  erase(): void {
    this.isErased = true;
    wipe(this.octets);
  }
}
