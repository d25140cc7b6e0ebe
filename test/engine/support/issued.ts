// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey, randomBytes } from 'node:crypto';
import { deriveDuid, kemById, ntpFromUnixMilliseconds, RecipientPrivateKey } from '../../../src/crypto';
import {
  encodeMessage,
  encodeRelay,
  IaNaOption,
  makeOption,
  MessageType,
  OptionCode,
  parseIpv6,
  unwrapRelay,
} from '../../../src/dhcpv6';
import type { Verdict } from '../../../src/engine/packet/verdict';
import type { WorkerIdentity, WorkerMaterial } from '../../../src/engine/clients/server-material';
import {
  type Authority,
  createAuthority,
  createCrl,
  createIntermediate,
  EndEntity,
  issueCertificate,
  type IssuedKeyType,
  type Purpose,
  readPemCertificates,
} from '../../../src/pki';
import { parsePem } from '../../../src/pki/pem';
import {
  decodeServerAnswer,
  defaultCodePoints,
  encodeEncryptedRequest,
  KemId,
  QueryContext,
  type QueryRecipient,
  type Signer,
} from '../../../src/protocol';

export const serverIdentifier = Buffer.from('0003000186734fd7564b', 'hex');

const day = 86_400_000;

/** An authority with what it has issued, at a time that the test sets. */
export class IssuedPki {
  private constructor(
    readonly authority: Authority,
    readonly now: number,
  ) {}

  static async create(now: number, subject = 'CN=root'): Promise<IssuedPki> {
    return new IssuedPki(
      await createAuthority({ subject, keyType: 'P-256', days: 300, now: now - day }),
      now,
    );
  }

  /** An authority below this one, which issues and revokes on its own. */
  async below(subject: string): Promise<IssuedPki> {
    const { authority, now } = this;
    return new IssuedPki(
      await createIntermediate({
        issuer: authority,
        subject,
        keyType: 'P-256',
        pathLength: 0,
        days: 200,
        now: now - day,
      }),
      now,
    );
  }

  async issue(purpose: Purpose, name: string, key: IssuedKeyType = 'P-256'): Promise<WorkerIdentity> {
    const subject = `CN=${name}`;
    const { authority, now } = this;
    const issued = await issueCertificate({ authority, purpose, subject, key, days: 100, now: now - day });
    return {
      chain: readPemCertificates(Buffer.from(issued.certificatePem)),
      privateKey: createPrivateKey(issued.privateKeyPem ?? ''),
    };
  }

  get anchor(): Buffer {
    return readPemCertificates(Buffer.from(this.authority.certificatePem))[0]!;
  }

  /** A CRL that revokes the first certificates of the chains, DER. */
  async crl(number: bigint, ...revoked: readonly Pick<WorkerIdentity, 'chain'>[]): Promise<Buffer> {
    const { authority, now } = this;
    const revocations = revoked.map(({ chain }) => ({
      serial: EndEntity.parse(Buffer.from(chain[0]!)).serial,
      date: new Date(now),
      reason: 'keyCompromise' as const,
    }));
    const pem = await createCrl({ authority, number, revocations, days: 10, now });
    return parsePem(Buffer.from(pem), 'crl')[0]!.der;
  }

  trust(...crls: readonly Buffer[]): WorkerMaterial['trust'] {
    return { anchors: [this.anchor], intermediates: [], crls, lapsedCrls: [] };
  }
}

/** An engine that packets and Kea's answers can be given to, in this process or in another. */
export interface RawEngine {
  /** Milliseconds since 1970; the client's clock goes by it, and moves it on where it stands still. */
  now: number;
  receive(octets: Buffer, packet: { readonly source: Buffer }): Promise<Verdict>;
  /** The Encrypted-Response with Kea's answer; undefined where it is dropped. */
  seal(handle: number, answer: Buffer): Promise<Buffer | undefined>;
}

/** A client's address, and the relay that it is behind where there is one. */
export interface RawSource {
  readonly address: string;
  readonly relay?: { readonly address: string; readonly linkAddress: string };
}

/** A client that speaks to an engine octet by octet, from an address of its own. */
export class RawClient {
  /** Sent along where the test sets it; the last one that came is {@link lastCookie}. */
  cookie: Buffer | undefined;
  lastCookie: Buffer | undefined;
  private readonly signer: Signer;
  private recipient: QueryRecipient | undefined;
  private context: QueryContext | undefined;
  private transaction = 0x010000;
  private lastTimestamp = 0;

  constructor(
    private readonly engine: RawEngine,
    identity: WorkerIdentity,
    private readonly source: RawSource = { address: 'fe80::1' },
  ) {
    this.signer = {
      key: RecipientPrivateKey.fromKeyObject(identity.privateKey),
      chain: identity.chain.map((der) => Buffer.from(der)),
    };
  }

  /** The key in use, hexadecimal. */
  get encryptionKey(): string | undefined {
    return this.recipient?.encryptionKey.octets.toString('hex');
  }

  /** Of the certificate under which the server has told the key in use. */
  get serverKeyId(): Buffer | undefined {
    return this.recipient?.serverKeyId;
  }

  /** Asks for the server's key, and shows nothing. */
  async ask(): Promise<Verdict> {
    const request = { transactionId: ++this.transaction, kemList: [KemId.X25519], cookie: this.cookie };
    return this.learn(await this.receive(encodeEncryptedRequest(defaultCodePoints, request)));
  }

  /** Asks, and shows its credential. @param offset milliseconds by which the client's clock is off */
  async request(offset = 0): Promise<Verdict> {
    return this.learn(await this.receive(this.encodeRequest(offset)));
  }

  /** An Encrypted-Request whose signature is wrong. */
  forgedRequest(): Promise<Verdict> {
    const octets = this.encodeRequest(0);
    octets.writeUInt8(octets.readUInt8(octets.length - 1) ^ 1, octets.length - 1);
    return this.receive(octets);
  }

  /** The query that opens a new context, to the key that the server told last: it is asked where it has told none. */
  async open({ isShown = false }: { readonly isShown?: boolean } = {}): Promise<Verdict> {
    if (this.recipient === undefined) {
      await this.ask();
    }
    const own = kemById(KemId.X25519).generateKeyPair(randomBytes);
    const clientKeyId = this.signer.key.public.keyId;
    this.context = new QueryContext(defaultCodePoints, this.recipient!, {
      own,
      clientKeyId,
      contextIdentifier: randomBytes(16),
    });
    const signing = { signer: this.signer, timestamp: this.timestamp(), includeCredential: isShown };
    return this.receive(this.context.open(this.message(), signing, this.cookie));
  }

  /** A query in the context that was opened last. */
  query(): Promise<Verdict> {
    return this.receive(this.context!.seal(this.message(), this.cookie));
  }

  /** Whether the client gets Kea's answer to the last query. */
  async answer(verdict: Verdict): Promise<boolean> {
    if (verdict.action !== 'replace') {
      return false;
    }
    const reply = encodeMessage({ msgType: MessageType.Reply, transactionId: this.transaction, options: [] });
    const response = await this.engine.seal(verdict.handle, reply);
    if (response !== undefined) {
      this.context!.openResponse(unwrapRelay(response).message, this.transaction);
    }
    return response !== undefined;
  }

  private message() {
    return {
      msgType: MessageType.Solicit,
      transactionId: ++this.transaction,
      options: [
        { code: OptionCode.ClientIdentifier, data: deriveDuid(this.signer.key.public.spki) },
        makeOption(IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] }),
      ],
    };
  }

  private encodeRequest(offset: number): Buffer {
    const timestamp = this.timestamp(offset);
    const request = { transactionId: ++this.transaction, kemList: [KemId.X25519], cookie: this.cookie };
    return encodeEncryptedRequest(defaultCodePoints, request, { signer: this.signer, timestamp });
  }

  private learn(verdict: Verdict): Verdict {
    if (verdict.action === 'reply') {
      const answer = decodeServerAnswer(
        defaultCodePoints,
        'encrypted-reply',
        unwrapRelay(verdict.octets).message,
      );
      this.lastCookie = answer.cookie;
      if (answer.kind !== 'retry') {
        const { serverIdentifier: identifier, encryptionKey, credential } = answer;
        this.recipient = {
          serverIdentifier: identifier,
          serverKeyId: EndEntity.parse(credential.certificates[0]!).keyId,
          encryptionKey: kemById(encryptionKey.kemId).deserializePublicKey(encryptionKey.publicKey),
        };
      }
    }
    return verdict;
  }

  private receive(octets: Buffer): Promise<Verdict> {
    const { address, relay } = this.source;
    if (relay === undefined) {
      return this.engine.receive(octets, { source: parseIpv6(address) });
    }
    const options = [{ code: OptionCode.RelayMessage, data: octets }];
    const peerAddress = parseIpv6(address);
    const linkAddress = parseIpv6(relay.linkAddress);
    const forward = encodeRelay({
      msgType: MessageType.RelayForward,
      hopCount: 0,
      linkAddress,
      peerAddress,
      options,
    });
    return this.engine.receive(forward, { source: parseIpv6(relay.address) });
  }

  /** Each later than the one before, as the engine's clock goes. */
  private timestamp(offset = 0): bigint {
    this.engine.now += 1;
    this.lastTimestamp = Math.max(this.engine.now, this.lastTimestamp + 1);
    return ntpFromUnixMilliseconds(this.lastTimestamp + offset);
  }
}
