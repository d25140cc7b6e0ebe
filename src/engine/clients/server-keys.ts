// SPDX-License-Identifier: MPL-2.0

import { isDeepStrictEqual } from 'node:util';
import { privateKeyOf } from '../../pki';
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
    this.current = isKeyOf(key, identity) ? { key, chain: identity.chain.map(bufferOf) } : signerOf(identity);
  }
}

function signerOf({ privateKey, command, chain }: WorkerIdentity): Signer {
  return { key: privateKeyOf(privateKey, command), chain: chain.map(bufferOf) };
}

function isKeyOf(key: Signer['key'], { privateKey, command }: WorkerIdentity): boolean {
  const own = key.signer === undefined ? key.privateKey : key.public.publicKey;
  return own.equals(privateKey) && isDeepStrictEqual(key.signer?.command, command);
}
