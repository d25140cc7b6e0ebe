// SPDX-License-Identifier: MPL-2.0

import { createPrivateKey } from 'node:crypto';
import {
  deriveDuid,
  ntpFromUnixMilliseconds,
  RecipientPrivateKey,
  RecipientPublicKey,
} from '../../../src/crypto';
import {
  encodeMessage,
  encodeRelay,
  IaNaOption,
  makeOption,
  MessageType,
  OptionCode,
  parseIpv6,
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
import { defaultCodePoints, encodeEncryptedRequest, QuerySender, type Signer } from '../../../src/protocol';

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
  /** Whether it has sealed Kea's answer. */
  seal(handle: number, answer: Buffer): Promise<boolean>;
}

/** A client's address, and the relay that it is behind where there is one. */
export interface RawSource {
  readonly address: string;
  readonly relay?: { readonly address: string; readonly linkAddress: string };
}

/** A client that speaks to an engine octet by octet, from an address of its own. */
export class RawClient {
  private readonly signer: Signer;
  private sender: QuerySender;
  private transaction = 0x010000;
  private lastTimestamp = 0;

  constructor(
    private readonly engine: RawEngine,
    identity: WorkerIdentity,
    server: WorkerIdentity,
    private readonly source: RawSource = { address: 'fe80::1' },
  ) {
    this.signer = {
      key: RecipientPrivateKey.fromKeyObject(identity.privateKey),
      chain: identity.chain.map((der) => Buffer.from(der)),
    };
    this.sender = this.senderTo(server);
  }

  /** Begins a new context, with that key of the server's. */
  turnTo(server: WorkerIdentity): void {
    this.sender = this.senderTo(server);
  }

  /** @param offset milliseconds by which the client's clock is off */
  request(offset = 0): Promise<Verdict> {
    return this.receive(this.encodeRequest(offset));
  }

  /** An Encrypted-Request whose signature is wrong. */
  forgedRequest(): Promise<Verdict> {
    const octets = this.encodeRequest(0);
    octets.writeUInt8(octets.readUInt8(octets.length - 1) ^ 1, octets.length - 1);
    return this.receive(octets);
  }

  /** A query of a context that is open, or with `signed` one that opens it. */
  query(signed: boolean): Promise<Verdict> {
    const message = {
      msgType: MessageType.Solicit,
      transactionId: ++this.transaction,
      options: [
        { code: OptionCode.ClientIdentifier, data: deriveDuid(this.signer.key.public.spki) },
        makeOption(IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] }),
      ],
    };
    const signing = { signer: this.signer, timestamp: this.timestamp(), includeCredential: false };
    return this.receive(this.sender.seal(message, signed ? signing : undefined));
  }

  /** Whether the client gets Kea's answer to the last query. */
  async answer(verdict: Verdict): Promise<boolean> {
    if (verdict.action !== 'replace') {
      return false;
    }
    const reply = encodeMessage({ msgType: MessageType.Reply, transactionId: this.transaction, options: [] });
    return this.engine.seal(verdict.handle, reply);
  }

  private encodeRequest(offset: number): Buffer {
    const timestamp = this.timestamp(offset);
    return encodeEncryptedRequest(defaultCodePoints, this.signer, ++this.transaction, timestamp);
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

  private senderTo(server: WorkerIdentity): QuerySender {
    const { key } = EndEntity.parse(Buffer.from(server.chain[0]!));
    return new QuerySender(defaultCodePoints, RecipientPublicKey.fromSpki(key.spki), serverIdentifier);
  }

  /** Each later than the one before, as the engine's clock goes. */
  private timestamp(offset = 0): bigint {
    this.engine.now += 1;
    this.lastTimestamp = Math.max(this.engine.now, this.lastTimestamp + 1);
    return ntpFromUnixMilliseconds(this.lastTimestamp + offset);
  }
}
