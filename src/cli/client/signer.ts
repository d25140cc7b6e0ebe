// SPDX-License-Identifier: MPL-2.0

import { RecipientPrivateKey } from '../../crypto';
import { EndEntity, loadIdentity, privateKeyExposure, readPemCertificates, readPrivateKey } from '../../pki';
import type { Signer } from '../../protocol';
import { UsageError } from '../errors';
import { warn } from '../print';
import type { ClientOptions } from './options';

/** The client's own key, and its certificates if it shows any. @throws UsageError, PkiError */
export function loadSigner(options: ClientOptions): Signer {
  const { certificate, privateKey: file = '', privateKeyCommand, clock } = options;
  if ((file === '') === (privateKeyCommand === undefined)) {
    throw new UsageError(
      'either --private-key, the file of the private key, or --private-key-command, who signs with it',
    );
  }
  const exposure = file === '' ? undefined : privateKeyExposure(file);
  if (exposure !== undefined) {
    warn(exposure);
  }
  if (certificate === undefined) {
    if (file === '') {
      throw new UsageError(
        '--private-key-command: its public key is that of --certificate, which is missing',
      );
    }
    return { key: RecipientPrivateKey.fromKeyObject(readPrivateKey(file)), chain: [] };
  }
  // A machine without a clock has no say in whether its certificate is valid yet.
  const now = clock ? Date.now() : Math.max(Date.now(), certificateBegin(certificate));
  const identity = loadIdentity({ certificate, privateKey: file, privateKeyCommand, purpose: 'client', now });
  return { key: identity.privateKey, chain: identity.chain };
}

/** When the first certificate of a file begins, milliseconds since 1970. @throws PkiError */
export function certificateBegin(file: string): number {
  const [der = Buffer.alloc(0)] = readPemCertificates(file);
  return EndEntity.parse(der).notBefore.getTime();
}
