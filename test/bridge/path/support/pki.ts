// SPDX-License-Identifier: MPL-2.0

import { type KeyObject } from 'node:crypto';
import { PathStore, type PathRequest, type PathResult, verifyPath } from '../../../../src/bridge';
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificate,
  type CertificateFields,
  crl,
  type CrlFields,
  crlNumber,
  extension,
  extKeyUsage,
  type Extension,
  ids,
  keyUsage,
  name,
  newKey,
  spkiOf,
  subjectKeyIdentifier,
  usage,
  validity,
} from './certificates';
import { implicit, sequence, yes } from './der';

/** Fields to change, and extensions: those of the same id are replaced, undefined takes one away. */
export interface Changes extends Partial<Omit<CertificateFields, 'extensions'>> {
  readonly extensions?: Readonly<Record<string, Extension | undefined>>;
}

/** An extension, in the place of the one that has this id if there is one. */
export function withExtension(id: string, critical: boolean, value: Buffer): Changes {
  return { extensions: { [id]: extension(id, critical, value) } };
}

export function without(...absent: readonly string[]): Changes {
  return { extensions: Object.fromEntries(absent.map((id) => [id, undefined])) };
}

export function subjectAltName(...names: readonly Buffer[]): Changes {
  return withExtension(ids.subjectAltName, false, sequence(...names));
}

/** A GeneralName that is a dNSName. */
export function dns(text: string): Buffer {
  return implicit(2, text);
}

function changed(defaults: readonly Extension[], changes: Changes['extensions'] = {}): Extension[] {
  const kept = defaults.map((one) => (one.id in changes ? changes[one.id] : one));
  const added = Object.entries(changes)
    .filter(([id]) => !defaults.some((one) => one.id === id))
    .map(([, one]) => one);
  return [...kept, ...added].filter((one) => one !== undefined);
}

/** Who issues: a name, a key, a certificate. */
export class Authority {
  constructor(
    readonly name: Buffer,
    readonly key: KeyObject,
    readonly certificate: Buffer,
    readonly spki: Buffer = spkiOf(key),
  ) {}

  /** A trust anchor: a root that signs itself. */
  static root(changes: Changes = {}, key = newKey(), commonName = 'Root'): Authority {
    const self = new Authority(name(commonName), key, Buffer.alloc(0));
    return new Authority(self.name, key, self.authorityCertificate(commonName, spkiOf(key), changes));
  }

  authority(commonName: string, changes: Changes = {}, key = newKey()): Authority {
    return new Authority(name(commonName), key, this.authorityCertificate(commonName, spkiOf(key), changes));
  }

  authorityCertificate(commonName: string, spki: Buffer, changes: Changes = {}): Buffer {
    const extensions = [
      authorityKeyIdentifier(this.spki),
      subjectKeyIdentifier(spki),
      basicConstraints(yes),
      keyUsage(usage.keyCertSign, usage.crlSign),
    ];
    return this.certify({ subject: name(commonName), spki }, extensions, changes);
  }

  /** An end entity with a key of its own, for client and server. */
  endEntity(changes: Changes = {}, commonName = 'End Entity'): Buffer {
    const extensions = [
      authorityKeyIdentifier(this.spki),
      keyUsage(usage.digitalSignature, usage.keyAgreement),
      extKeyUsage(ids.clientAuth, ids.serverAuth),
    ];
    return this.certify({ subject: name(commonName), spki: endEntitySpki }, extensions, changes);
  }

  crl(changes: Partial<CrlFields> = {}, signer = this.key): Buffer {
    return crl(
      { issuer: this.name, extensions: [authorityKeyIdentifier(this.spki), crlNumber(7)], ...changes },
      signer,
    );
  }

  private certify(
    fields: { readonly subject: Buffer; readonly spki: Buffer },
    extensions: readonly Extension[],
    changes: Changes,
  ): Buffer {
    const all = {
      ...fields,
      issuer: this.name,
      ...changes,
      extensions: changed(extensions, changes.extensions),
    };
    return certificate(all, this.key);
  }
}

const endEntitySpki = spkiOf(newKey());

/** Root, authority, end entity: each a good one. */
export const root = Authority.root();
export const authority = root.authority('Authority');

export interface Trust {
  readonly anchors?: readonly Buffer[];
  readonly intermediates?: readonly Buffer[];
  readonly crls?: readonly Buffer[];
  readonly lapsedCrls?: readonly Buffer[];
}

/** Asynchronous, so that an argument which is refused is a rejection. */
export function verify(
  chain: readonly Buffer[],
  request: Partial<PathRequest> = {},
  { anchors = [root.certificate], ...trust }: Trust = {},
): Promise<PathResult> {
  const store = new PathStore({ anchors, ...trust });
  return Promise.resolve().then(() =>
    verifyPath({ chain, purpose: 'client', time: validity.now, ...request }, store),
  );
}

/** Rule and depth of a refusal, or `accepted`. */
export async function verdictOf(...args: Parameters<typeof verify>): Promise<string> {
  const result = await verify(...args);
  return result.accepted ? 'accepted' : `${String(result.depth)} ${result.code}`;
}
