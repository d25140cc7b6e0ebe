// SPDX-License-Identifier: MPL-2.0

/**
 * Which certificate each client showed when it authenticated, so that a client whose certificate is revoked can be
 * forgotten at once. Bounded, the first noted out first; a client that is not in it is found out when it next shows its
 * certificate.
 */
export class ShownCertificates {
  private readonly keyIds = new Map<string, Buffer>();

  constructor(private readonly maximum: number) {}

  /** @param certificate its name by `certificateName` */
  note(certificate: string, keyId: Buffer): void {
    if (this.keyIds.size >= this.maximum && !this.keyIds.has(certificate)) {
      const [oldest] = this.keyIds.keys();
      this.keyIds.delete(oldest ?? certificate);
    }
    this.keyIds.set(certificate, keyId);
  }

  /** The keys of those certificates, each given once. */
  take(certificates: readonly string[]): Buffer[] {
    return certificates.flatMap((certificate) => {
      const keyId = this.keyIds.get(certificate);
      this.keyIds.delete(certificate);
      return keyId === undefined ? [] : [keyId];
    });
  }
}
