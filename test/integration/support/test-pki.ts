// SPDX-License-Identifier: MPL-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAuthority,
  createIntermediate,
  issueCertificate,
  type Authority,
  type IssuedKeyType,
  type Purpose,
} from '../../../src/pki';

/** The name in the certificate of a test's server. */
export const SERVER_NAME = 'dhcp.example.net';

export interface CredentialFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface IssueOptions {
  readonly keyType?: IssuedKeyType;
  readonly days?: number;
  /** Milliseconds from now to the beginning of the certificate's life; negative for the past. */
  readonly offset?: number;
  /** A URI in its subjectAltName, besides its DNS name. */
  readonly uri?: string;
}

/** A certification authority for one test, and files with what it issued. */
export class TestPki {
  private constructor(
    private readonly directory: string,
    readonly authority: Authority,
    /** PEM file with the trust anchor. */
    readonly anchors: string,
  ) {}

  /**
   * @param directory - is made.
   * @param intermediates - authorities between the root and the end entities: their certificates are in the chains.
   */
  static async create(
    directory: string,
    options: { readonly keyType?: IssuedKeyType; readonly intermediates?: number } = {},
  ): Promise<TestPki> {
    const { keyType = 'P-256', intermediates = 0 } = options;
    await mkdir(directory, { recursive: true });
    const common = { keyType, days: 30, now: Date.now() };
    const root = await createAuthority({ ...common, subject: 'CN=Test root' });
    const anchors = join(directory, 'ca.pem');
    await writeFile(anchors, root.certificatePem);
    let authority = root;
    for (let left = intermediates - 1; left >= 0; left -= 1) {
      const subject = `CN=Test intermediate ${left}`;
      authority = await createIntermediate({ ...common, subject, issuer: authority, pathLength: left });
    }
    return new TestPki(directory, authority, anchors);
  }

  /** An authority below this one, which issues on its own. */
  async below(name: string): Promise<TestPki> {
    const directory = join(this.directory, name);
    await mkdir(directory);
    const authority = await createIntermediate({
      issuer: this.authority,
      subject: `CN=${name}`,
      keyType: 'P-256',
      pathLength: 0,
      days: 30,
      now: Date.now(),
    });
    return new TestPki(directory, authority, this.anchors);
  }

  server(name = SERVER_NAME, options?: IssueOptions): Promise<CredentialFiles> {
    return this.issue('server', name, options);
  }

  client(name = 'client.example.net', options?: IssueOptions): Promise<CredentialFiles> {
    return this.issue('client', name, options);
  }

  private async issue(purpose: Purpose, name: string, options: IssueOptions = {}): Promise<CredentialFiles> {
    const { keyType = 'P-256', days = 30, offset = 0 } = options;
    const issued = await issueCertificate({
      authority: this.authority,
      purpose,
      subject: `CN=${name}`,
      dns: [name],
      ...(options.uri !== undefined && { uri: [options.uri] }),
      key: keyType,
      days,
      now: Date.now() + offset,
    });
    const prefix = join(this.directory, `${purpose}-${name}`);
    const files = { certificate: `${prefix}.pem`, privateKey: `${prefix}.key` };
    await writeFile(files.certificate, issued.certificatePem);
    await writeFile(files.privateKey, issued.privateKeyPem ?? '', { mode: 0o600 });
    return files;
  }
}
