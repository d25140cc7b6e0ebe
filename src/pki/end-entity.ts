// SPDX-License-Identifier: MPL-2.0

import type { KeyType, RecipientPublicKey } from '../crypto';
import { type CertificateFields, parseCertificate } from './certificate';
import { type DistinguishedName, distinguishedNameText, readDistinguishedName } from './distinguished-name';
import {
  ExtensionId,
  extendedKeyUsage,
  type KeyUsage,
  keyUsage,
  type SubjectAltNames,
  subjectAltNames,
} from './extensions';
import { publicKeyFrom } from './keys';

/** A certificate that is somebody's credential (docs/protocol.md 2): its key can be used, its names can be read. */
export class EndEntity {
  readonly subjectAltNames: SubjectAltNames;
  /** undefined if the certificate has no keyUsage, and so does not limit it. */
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** Dotted object identifiers; undefined if the certificate has no extended key usage. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined;

  /** Made when somebody asks: most of what unknown sources send is refused before that. */
  private subjectName: DistinguishedName | undefined;

  private constructor(
    private readonly fields: CertificateFields,
    readonly key: RecipientPublicKey,
    source: string,
  ) {
    this.subjectAltNames = subjectAltNames(fields, source);
    this.keyUsage = keyUsage(fields, source);
    this.extendedKeyUsage = extendedKeyUsage(fields, source);
  }

  /**
   * Reads exactly one certificate in strict DER. Says nothing about trust, role or validity. Buffers are views
   * into `der`: copy it first if its memory is used again.
   * @param source names it in errors
   * @throws PkiError `certificate-malformed`, or `algorithm-not-supported` for a key of another algorithm,
   * curve or size than docs/protocol.md 2 lists
   */
  static parse(der: Buffer, source = 'certificate'): EndEntity {
    const fields = parseCertificate(der, source);
    return new EndEntity(fields, publicKeyFrom(fields.spki, source, 'certificate-malformed'), source);
  }

  /** As text, in the order in which the certificate has its parts; '' if it is empty. */
  get subject(): string {
    return this.readSubject().text;
  }

  /** The subject's last, most specific commonName as it is in the certificate; undefined if it has none. */
  get commonName(): string | undefined {
    return this.readSubject().commonName;
  }

  /** As text, in the order in which the certificate has its parts. */
  get issuer(): string {
    return distinguishedNameText(this.fields.issuerDer);
  }

  get der(): Buffer {
    return this.fields.der;
  }

  /** DER SubjectPublicKeyInfo. */
  get spki(): Buffer {
    return this.fields.spki;
  }

  get keyType(): KeyType {
    return this.key.keyType;
  }

  /** SHA-256 of the SubjectPublicKeyInfo. */
  get keyId(): Buffer {
    return this.key.keyId;
  }

  /** DER Name. */
  get issuerDer(): Buffer {
    return this.fields.issuerDer;
  }

  /** DER Name. */
  get subjectDer(): Buffer {
    return this.fields.subjectDer;
  }

  /** The subjectAltName's GeneralNames in DER; undefined if the certificate has none. */
  get subjectAltNameDer(): Buffer | undefined {
    return this.fields.extensions.get(ExtensionId.SubjectAltName)?.value;
  }

  /** Hexadecimal. */
  get serial(): string {
    return this.fields.serial;
  }

  get notBefore(): Date {
    return this.fields.notBefore;
  }

  get notAfter(): Date {
    return this.fields.notAfter;
  }

  private readSubject(): DistinguishedName {
    this.subjectName ??= readDistinguishedName(this.fields.subjectDer);
    return this.subjectName;
  }
}
