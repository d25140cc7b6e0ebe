// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { CryptoError, RecipientPublicKey } from '../../crypto';
import { canonicalName, EndEntity, isNameless, PkiError } from '../../pki';
import { ProtocolError, type ShownCredential } from '../../protocol';
import { briefText } from '../packet/brief-text';
import type { CertifiedNames, ClientIdentity } from '../key-table/client-identity';
import type { CurrentTrust } from './current-trust';
import { hostNames } from './host-identifier';
import { lastingCopies, lastingCopy } from '../packet/lasting-copy';

/** Octets; the verification of paths takes no longer ones either. Before anything of a certificate is parsed. */
const MAX_CERTIFICATE_LENGTH = 16_384;

interface ShownCertificate {
  readonly endEntity: EndEntity;
  readonly chain: readonly Buffer[];
}

/** A credential whose key is known, but not yet whether to trust it. */
export interface ReadCredential {
  readonly key: RecipientPublicKey;
  readonly certificate: ShownCertificate | undefined;
}

/** Reads and verifies what clients show of themselves (docs/protocol.md 2). */
export class CredentialVerifier {
  constructor(
    private readonly trust: CurrentTrust,
    private readonly now: () => number,
  ) {}

  /**
   * The key of a credential, strict DER; what is refused here costs no public-key operation.
   * @throws ProtocolError `credential-invalid`, `algorithm-not-supported`
   */
  read(credential: ShownCredential): ReadCredential {
    try {
      if (credential.kind === 'public-key') {
        return { key: RecipientPublicKey.fromSpki(lastingCopy(credential.spki)), certificate: undefined };
      }
      const oversized = credential.certificates.find(({ length }) => length > MAX_CERTIFICATE_LENGTH);
      if (oversized !== undefined) {
        throw new ProtocolError('credential-invalid', `a certificate of ${oversized.length} octets`);
      }
      // A literal peer's key is kept until it is answered, when the datagram is gone.
      const chain = credential.certificates.map(lastingCopy);
      const endEntity = EndEntity.parse(chain[0] ?? Buffer.alloc(0));
      return { key: endEntity.key, certificate: { endEntity, chain } };
    } catch (error) {
      if (error instanceof CryptoError || error instanceof PkiError) {
        const code =
          error.code === 'algorithm-not-supported' ? 'algorithm-not-supported' : 'credential-invalid';
        throw new ProtocolError(code, error.message, { cause: error });
      }
      throw error;
    }
  }

  /**
   * Verifies the certification path (RFC 5280 section 6) for the role of a client.
   * @param decrypts whether the certificate must allow its key to decrypt, too (docs/protocol.md 9)
   * @throws ProtocolError `authentication-fail`, `algorithm-not-supported`
   */
  verify(credential: ReadCredential, decrypts = false): ClientIdentity {
    const { key, certificate } = credential;
    if (certificate === undefined) {
      return {
        keyId: key.keyId,
        spki: key.spki,
        kind: 'public-key',
        certified: undefined,
        notAfter: undefined,
        text: `key ${key.keyId.toString('hex')}`,
      };
    }
    const { endEntity, chain } = certificate;
    const validation = this.trust.current.validateEndEntity(
      endEntity,
      chain.slice(1),
      'client',
      this.now(),
      decrypts,
    );
    if (!validation.accepted) {
      throw new ProtocolError(validation.code, validation.message);
    }
    const { path, notAfter } = validation;
    const { issuer, names } = certifiedNames(endEntity);
    const parts = [key.keyId, key.spki, issuer, names, ...path];
    const keep = lastingCopies(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
    const identity: ClientIdentity = {
      keyId: keep(key.keyId),
      spki: keep(key.spki),
      kind: 'certificate',
      certified: { issuer: keep(issuer), names: names && keep(names) },
      notAfter,
      certification: { path: path.map(keep), anchors: this.trust.anchors },
      hostNames: hostNames(endEntity),
      text: briefText(endEntity.subject),
    };
    this.trust.verified(identity);
    return identity;
  }
}

/** Issuer and names are compared as RFC 5280 section 7.1 says, the subjectAltName octet by octet, which is the safe side. */
export function certifiedNames(endEntity: EndEntity): CertifiedNames {
  const { issuerDer, subjectDer, subjectAltNameDer } = endEntity;
  const issuer = createHash('sha256').update(canonicalName(issuerDer)).digest();
  if (isNameless(endEntity)) {
    return { issuer, names: undefined };
  }
  // Each part is one DER value, so the two cannot be divided in another way.
  const hash = createHash('sha256').update(canonicalName(subjectDer));
  return { issuer, names: hash.update(subjectAltNameDer ?? Buffer.alloc(0)).digest() };
}
