// SPDX-License-Identifier: MPL-2.0

import { isPathRule, type PathRule } from './path-rules';
import type { PathStore } from './path-store';

/** The any-policy of RFC 5280 section 4.2.1.4. */
const anyPolicy = '2.5.29.32.0';

export interface PathOptions {
  /**
   * Which certificates of the path must have a valid CRL that does not list them (RFC 5280 section 6.3): those of an
   * issuer for which the store has any CRL, also one that cannot be used; all; or none. A trust anchor is none of them
   * (section 6.1). Default: `listed`.
   */
  readonly revocation?: 'none' | 'listed' | 'all';
  /** Least strength of keys and hash functions, as OpenSSL counts. Default 2: 112 bits. */
  readonly securityLevel?: number;
  /** user-initial-policy-set, object identifiers in dotted form. Default: any-policy. */
  readonly policies?: readonly string[];
  /** initial-explicit-policy. Default false. */
  readonly requireExplicitPolicy?: boolean;
  /** initial-policy-mapping-inhibit. Default false. */
  readonly inhibitPolicyMapping?: boolean;
  /** initial-any-policy-inhibit. Default false. */
  readonly inhibitAnyPolicy?: boolean;
  /**
   * Takes what RFC 5280 forbids CAs to issue but lets others process: serial numbers that are not positive or longer
   * than 20 octets, policyConstraints and inhibitAnyPolicy that are not critical. Default false.
   */
  readonly lenientIssuers?: boolean;
}

export interface PathRequest extends PathOptions {
  /** DER: the end entity's certificate, then untrusted intermediates in any order; eight at most. */
  readonly chain: readonly Uint8Array[];
  /**
   * The role that the end entity must have, with a key that may sign (docs/protocol.md 2). `any`: a key of any use, of
   * an end entity all the same.
   */
  readonly purpose: 'client' | 'server' | 'any';
  /** The end entity's key must be allowed to decrypt, too (docs/protocol.md 9). Default false. */
  readonly decrypts?: boolean;
  /** Unix seconds. */
  readonly time: number;
}

export type PathResult =
  | {
      readonly accepted: true;
      /**
       * Of each certificate of the path that was found, the end entity's first and the trust anchor's left out: a digest
       * of issuer and serial number, by which CRLs name it. Names that RFC 5280 section 7.1 takes for the same give the
       * same digest.
       */
      readonly path: readonly Buffer[];
      /** When the first certificate of the path ends, the trust anchor's included; Unix seconds. */
      readonly notAfter: number;
      /** What RFC 5280 obliges authorities to and section 6 does without; each names the certificate or CRL. */
      readonly warnings: readonly string[];
    }
  | {
      readonly accepted: false;
      /** Which certificate: 0 is the end entity, 1 its issuer. */
      readonly depth: number;
      readonly code: PathRule;
      /** Certificate, subject and what is wrong. */
      readonly message: string;
    };

/**
 * Verifies a certification path as RFC 5280 section 6 says, on this thread: what a peer can show takes few milliseconds
 * at worst, and another thread would make each path dearer.
 * @throws TypeError that names the argument it refuses; a bad path is a result
 */
export function verifyPath(request: PathRequest, store: PathStore): PathResult {
  const result = store.native.verify(request.chain, {
    purpose: request.purpose,
    decrypts: request.decrypts ?? false,
    time: request.time,
    securityLevel: request.securityLevel ?? 2,
    revocation: request.revocation ?? 'listed',
    policies: request.policies ?? [anyPolicy],
    requireExplicitPolicy: request.requireExplicitPolicy ?? false,
    inhibitPolicyMapping: request.inhibitPolicyMapping ?? false,
    inhibitAnyPolicy: request.inhibitAnyPolicy ?? false,
    lenientIssuers: request.lenientIssuers ?? false,
  });
  if (result.accepted) {
    return result;
  }
  const { depth, code, message } = result;
  return { accepted: false, depth, code: isPathRule(code) ? code : 'internal', message };
}
