// SPDX-License-Identifier: MPL-2.0

import { spawnSync } from 'node:child_process';
import { CryptoError, type ExternalSigner } from '../crypto';

/** Milliseconds that a signature may take: the thread waits for it, with all of its packets. */
const PATIENCE = 2000;

/** Milliseconds after a failure in which the program is not asked again, whoever wants a signature. */
const PAUSE = 1000;

/** Far more than a signature has. */
const MAX_OUTPUT = 65_536;

/** Has a program sign: it gets what is signed on standard input, and gives the signature on standard output. */
export class SigningProgram implements ExternalSigner {
  private failed: { readonly at: number; readonly error: CryptoError } | undefined;

  constructor(readonly command: readonly string[]) {}

  /**
   * @param hash the name of the hash that the program has to use, which it finds in the environment as KEA_ENCRYPTION_HASH
   * @returns the octets of its output
   * @throws CryptoError `signing-failed`
   */
  sign(hash: string, data: Buffer): Buffer {
    if (this.failed !== undefined && performance.now() - this.failed.at < PAUSE) {
      throw this.failed.error;
    }
    this.failed = undefined;
    const [program = '', ...args] = this.command;
    const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
      input: data,
      env: { ...process.env, KEA_ENCRYPTION_HASH: hash },
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT,
    });
    // One that ends before it has read everything has more to say than that.
    if (error !== undefined && !('code' in error && error.code === 'EPIPE')) {
      throw this.refused(error.message);
    }
    if (status !== 0) {
      const [line = ''] = stderr.toString().trim().split('\n');
      throw this.refused(`it ended with ${signal ?? `status ${status}`}: ${line}`);
    }
    return stdout;
  }

  /** What it gave was no signature, or it gave none. */
  refused(why: string): CryptoError {
    const error = new CryptoError('signing-failed', `${this.command.join(' ')}: no signature: ${why}`);
    this.failed = { at: performance.now(), error };
    return error;
  }
}
