// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey } from '../../crypto';
import { EndEntity, loadIdentity, privateKeyExposure, readPemCertificates, readPrivateKey } from '../../pki';
import type { Signer } from '../../protocol';
import { UsageError } from '../errors';
import { warn } from '../print';
import type { ClientOptions } from './options';

/** The client's own key, and its certificates if it shows any. @throws UsageError, PkiError */
export function loadSigner({ certificate, privateKey: file, clock }: ClientOptions): Signer {
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
  // A machine without a clock has no say in whether its certificate is valid yet.
  const now = clock ? Date.now() : Math.max(Date.now(), certificateBegin(certificate));
  const identity = loadIdentity({ certificate, privateKey: file, purpose: 'client', now });
  return { key: identity.privateKey, chain: identity.chain };
}

/** When the first certificate of a file begins, milliseconds since 1970. @throws PkiError */
export function certificateBegin(file: string): number {
  const [der = Buffer.alloc(0)] = readPemCertificates(file);
  return EndEntity.parse(der).notBefore.getTime();
}
