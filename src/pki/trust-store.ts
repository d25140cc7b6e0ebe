// SPDX-License-Identifier: MPL-2.0

import { type PathResult, type PathRule, PathStore, verifyPath } from '../bridge';
import { errorText } from '../support';
import { EndEntity } from './end-entity';
import { PkiError } from './errors';
import { type Purpose, roleProblem } from './role';
import {
  type Located,
  readLocatedCertificates,
  readLocatedCrls,
  readLocatedTrustAnchors,
} from './certificate-files';

/** What a peer's certification path is held against; each is DER. */
export interface TrustMaterial {
  readonly anchors: readonly Buffer[];
  /** Certificates that help to build paths and are not trusted by themselves. */
  readonly intermediates: readonly Buffer[];
  /** Certificates of an issuer that has any of them need a valid one; an issuer that has none is not asked for one. */
  readonly crls: readonly Buffer[];
  /** The last CRLs of issuers that have none any more: a lost CRL refuses, and does not turn the look-up off. */
  readonly lapsedCrls?: readonly Buffer[];
}

/** The same as paths of files, PEM or DER. */
export type TrustFiles = Readonly<Record<'anchors' | 'intermediates' | 'crls', readonly string[]>>;

export type Validation =
  | {
      readonly accepted: true;
      readonly endEntity: EndEntity;
      /** Digests by which CRLs name the path's certificates, the end entity's first, the trust anchor's left out. */
      readonly path: readonly Buffer[];
      /** When the first certificate of the path ends, the trust anchor's included; milliseconds since 1970. */
      readonly notAfter: number;
      /** What authorities have not done as RFC 5280 wants it, and is accepted; each names the certificate or CRL. */
      readonly warnings: readonly string[];
    }
  | {
      readonly accepted: false;
      /** The status that docs/protocol.md 7 has for it. */
      readonly code: 'authentication-fail' | 'algorithm-not-supported';
      /** What was broken, in kebab-case. */
      readonly rule: string;
      /** Names the certificate and the rule. */
      readonly message: string;
      /** Which certificate of the path: 0 is the end entity's. */
      readonly depth: number;
    };

/** Trust anchors, intermediates and CRLs; immutable, so that a reload makes a new one. */
export class TrustStore {
  private readonly paths: PathStore;

  /** @throws TypeError that names the element, as in `crls[2]: …`, which is no certificate or CRL in DER */
  constructor(material: TrustMaterial) {
    this.paths = new PathStore(material);
  }

  /** Frees what was parsed; nothing can be validated any more. */
  release(): void {
    this.paths.release();
  }

  /**
   * Whether any CRL lists a certificate, also one that cannot be used.
   * @param certificate its digest, of a path that was accepted once
   */
  lists(certificate: Buffer): boolean {
    return this.paths.lists(certificate);
  }

  /**
   * Validates a peer's credential: strict DER, a usable key, made for the role (docs/protocol.md 2), and a valid
   * certification path to an anchor (RFC 5280 section 6).
   * @param chain the end entity's certificate, then any others in any order; eight at most
   * @param now milliseconds since 1970
   * @param decrypts the end entity's key must be allowed to decrypt, too (docs/protocol.md 9)
   */
  validate(chain: readonly Buffer[], purpose: Purpose, now: number, decrypts = false): Validation {
    const [der = Buffer.alloc(0)] = chain;
    let endEntity: EndEntity;
    try {
      endEntity = EndEntity.parse(der);
    } catch (error) {
      if (!(error instanceof PkiError)) {
        throw error;
      }
      const code = error.code === 'algorithm-not-supported' ? error.code : 'authentication-fail';
      return { accepted: false, code, rule: error.code, message: error.message, depth: 0 };
    }
    return this.validateEndEntity(endEntity, chain.slice(1), purpose, now, decrypts);
  }

  /** As `validate`, if the end entity's certificate has been read already. */
  validateEndEntity(
    endEntity: EndEntity,
    others: readonly Buffer[],
    purpose: Purpose,
    now: number,
    decrypts = false,
  ): Validation {
    const problem = roleProblem(endEntity, purpose, decrypts);
    if (problem !== undefined) {
      const name = endEntity.subject === '' ? endEntity.serial : endEntity.subject;
      const message = `certificate 0 (${name}): ${problem.message}`;
      return { accepted: false, code: 'authentication-fail', rule: problem.rule, message, depth: 0 };
    }
    const chain = [endEntity.der, ...others];
    const time = Math.floor(now / 1000);
    return conclude(verifyPath({ chain, purpose, decrypts, time }, this.paths), endEntity);
  }
}

/**
 * Reads all files anew and makes a store of them.
 * @throws PkiError that names the file, and the line or octet
 */
export function loadTrustStore(files: TrustFiles): TrustStore {
  return makeStore({
    anchors: files.anchors.flatMap(readers.anchors),
    intermediates: files.intermediates.flatMap(readers.intermediates),
    crls: files.crls.flatMap(readers.crls),
  });
}

type LocatedMaterial = Readonly<Record<keyof TrustFiles, readonly Located[]>>;

const readers: Readonly<Record<keyof TrustFiles, (path: string) => readonly Located[]>> = {
  anchors: (path) => readLocatedTrustAnchors(path),
  intermediates: (path) => readLocatedCertificates(path),
  crls: (path) => readLocatedCrls(path),
};

function makeStore(located: LocatedMaterial): TrustStore {
  try {
    return new TrustStore({
      anchors: located.anchors.map(derOf),
      intermediates: located.intermediates.map(derOf),
      crls: located.crls.map(derOf),
    });
  } catch (error) {
    throw namingFile(error, located) ?? error;
  }
}

/**
 * The DER values of one file, each of which a TrustStore takes.
 * @throws PkiError that names the file, and the line or octet
 */
export function readTrustFile(kind: keyof TrustFiles, path: string): Buffer[] {
  const none = { anchors: [], intermediates: [], crls: [] };
  const located = { ...none, [kind]: readers[kind](path) };
  makeStore(located).release();
  return located[kind].map(derOf);
}

function derOf({ der }: Located): Buffer {
  return der;
}

/** The bridge names the element that it cannot take: `crls[2]: …`. */
function namingFile(error: unknown, located: LocatedMaterial): PkiError | undefined {
  const [, list = '', index = '', detail = ''] = /^(\w+)\[(\d+)\]: (.*)$/s.exec(errorText(error)) ?? [];
  for (const name of ['anchors', 'intermediates', 'crls'] as const) {
    const source = name === list ? located[name][Number(index)]?.source : undefined;
    if (source !== undefined) {
      const code = name === 'crls' ? 'crl-malformed' : 'certificate-malformed';
      return new PkiError(code, source, detail, { cause: error });
    }
  }
  return undefined;
}

const algorithmRules: ReadonlySet<PathRule> = new Set([
  'signature-algorithm',
  'key-type',
  'key-size',
] as const);

function conclude(result: PathResult, endEntity: EndEntity): Validation {
  if (result.accepted) {
    const { path, notAfter, warnings } = result;
    return { accepted: true, endEntity, path, notAfter: notAfter * 1000, warnings };
  }
  const { code: rule, message, depth } = result;
  const code = algorithmRules.has(rule) ? 'algorithm-not-supported' : 'authentication-fail';
  return { accepted: false, code, rule, message, depth };
}
