// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

interface SuiteRequest {
  readonly kem: 'P-256' | 'P-384' | 'X25519';
  readonly kdfId: number;
  readonly aeadId: number;
}

interface ContextRequest extends SuiteRequest {
  readonly info: Buffer;
  readonly psk: Buffer | undefined;
  readonly pskId: Buffer | undefined;
  readonly exporterContext: Buffer;
  readonly length: number;
}

export interface SealRequest extends ContextRequest {
  readonly publicKey: Buffer;
  readonly messages: readonly { readonly plaintext: Buffer; readonly aad: Buffer }[];
}

export interface OpenRequest extends ContextRequest {
  readonly privateKey: Buffer;
  readonly enc: Buffer;
  readonly messages: readonly { readonly ciphertext: Buffer; readonly aad: Buffer }[];
}

export interface DeriveRequest extends SuiteRequest {
  readonly ikm: Buffer;
}

export interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertexts: readonly Uint8Array[];
  readonly exported: Uint8Array;
}

export interface Opened {
  readonly plaintexts: readonly Uint8Array[];
  readonly exported: Uint8Array;
}

export interface Derived {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Another implementation of HPKE, on another thread. */
export class HpkeOracle {
  private readonly worker = new Worker(join(__dirname, 'hpke-oracle-worker.mjs'));
  private lastId = 0;

  seal(request: SealRequest): Promise<Sealed> {
    return this.ask('seal', request) as Promise<Sealed>;
  }

  open(request: OpenRequest): Promise<Opened> {
    return this.ask('open', request) as Promise<Opened>;
  }

  derive(request: DeriveRequest): Promise<Derived> {
    return this.ask('derive', request) as Promise<Derived>;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private ask(action: string, request: object): Promise<unknown> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const onMessage = (answer: Answer) => {
        if (answer.id !== id) {
          return;
        }
        this.worker.off('message', onMessage).off('error', reject);
        if (answer.error === undefined) {
          resolve(answer.result);
        } else {
          reject(new Error(answer.error));
        }
      };
      this.worker.on('message', onMessage).on('error', reject);
      this.worker.postMessage({ id, action, request });
    });
  }
}
