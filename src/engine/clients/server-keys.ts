// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey } from '../../crypto';
import type { Signer } from '../../protocol';
import { bufferOf, type WorkerIdentity } from './server-material';

/** What a server signs with: a key that stays over a reload stays the same object. */
export class ServerKeys {
  private current: Signer;

  /** @throws CryptoError for a key of another type than docs/protocol.md 2 lists */
  constructor(identity: WorkerIdentity) {
    this.current = signerOf(identity);
  }

  get signer(): Signer {
    return this.current;
  }

  replace(identity: WorkerIdentity): void {
    const { key } = this.current;
    this.current = key.privateKey.equals(identity.privateKey)
      ? { key, chain: identity.chain.map(bufferOf) }
      : signerOf(identity);
  }
}

function signerOf({ privateKey, chain }: WorkerIdentity): Signer {
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: chain.map(bufferOf) };
}
