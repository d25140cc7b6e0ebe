// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey } from '../../crypto';
import { loadIdentity, privateKeyExposure, readPrivateKey } from '../../pki';
import type { Signer } from '../../protocol';
import { UsageError } from '../errors';
import { warn } from '../print';
import type { ClientOptions } from './options';

/** The client's own key, and its certificates if it shows any. @throws UsageError, PkiError */
export function loadSigner({ certificate, privateKey: file }: ClientOptions): Signer {
  if (file === undefined) {
    throw new UsageError('--private-key is missing: it names the file of the private key');
  }
  const exposure = privateKeyExposure(file);
  if (exposure !== undefined) {
    warn(exposure);
  }
  if (certificate === undefined) {
    return { key: RecipientPrivateKey.fromKeyObject(readPrivateKey(file)), chain: [] };
  }
  const identity = loadIdentity({ certificate, privateKey: file, purpose: 'client', now: Date.now() });
  return { key: identity.privateKey, chain: identity.chain };
}
