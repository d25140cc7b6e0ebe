// SPDX-License-Identifier: MPL-2.0

/**
 * One encrypted client that does what it is told, step by step, as a program of its own for a network namespace: so a
 * test can keep a context open over what happens to the server. It is built from the rooms of the tree under test, and
 * retransmits nothing by itself.
 *
 * Arguments: one JSON text, see {@link SteadyOptions}. It takes a step a line from a connection to its Unix socket, and
 * behind it how many milliseconds it is to wait for each answer, and answers with a {@link SteadyAnswer}; it prints
 * `ready` once it listens.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type * as cryptoRoom from '../../../src/crypto';
import type * as dhcpRoom from '../../../src/dhcpv6';
import type * as pkiRoom from '../../../src/pki';
import type * as protocolRoom from '../../../src/protocol';

export interface SteadyOptions {
  /** The directory that holds the compiled rooms. */
  readonly dist: string;
  /** Path of the Unix socket that it listens at. */
  readonly control: string;
  readonly interface: string;
  /** A link-local address that the interface has. */
  readonly address: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * `ask`: an Encrypted-Request that shows nothing; the cookie of its answer goes with everything from then on, and the
 * credential with what opens a context. `authenticate`: one that shows the credential; what follows goes to the server that answered, with the key that it showed.
 * `lease`: a new context, Solicit and Request in it. `renew`: in the context that is open. `reopen`: a Renew that opens
 * a new context. `forge`: an Encrypted-Request whose signature is wrong, and no waiting for an answer.
 */
export type SteadyStep = 'ask' | 'authenticate' | 'lease' | 'renew' | 'reopen' | 'forge';

export interface SteadyAnswer {
  readonly served: boolean;
  /** Hexadecimal, the Key Identifier of the certificate under which the server has told the key in use. */
  readonly serverKey: string;
  readonly milliseconds: number;
}

interface Rooms {
  readonly crypto: typeof cryptoRoom;
  readonly dhcp: typeof dhcpRoom;
  readonly pki: typeof pkiRoom;
  readonly protocol: typeof protocolRoom;
}

const CLIENT_PORT = 546;
const SERVER_PORT = 547;
const GROUP = 'ff02::1:2';

class SteadyClient {
  private readonly signer: protocolRoom.Signer;
  private server: protocolRoom.QueryRecipient | undefined;
  private context: protocolRoom.QueryContext | undefined;
  private cookie: Buffer | undefined;
  private leased: dhcpRoom.DhcpOption[] = [];
  private lastTimestamp = 0;
  private patience = 0;

  constructor(
    private readonly rooms: Rooms,
    private readonly options: SteadyOptions,
    private readonly socket: Socket,
  ) {
    const { certificate, privateKey } = options;
    const identity = rooms.pki.loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
    this.signer = { key: identity.privateKey, chain: identity.chain };
  }

  get serverKey(): string {
    return this.server?.serverKeyId.toString('hex') ?? '';
  }

  async take(step: SteadyStep, patience: number): Promise<boolean> {
    this.patience = patience;
    switch (step) {
      case 'ask':
        return this.authenticate('nothing');
      case 'authenticate':
        return this.authenticate('credential');
      case 'forge':
        return this.authenticate('forgery');
      case 'lease':
        this.turn();
        return this.lease();
      case 'reopen':
        this.turn();
        return (await this.exchange('Renew', this.leased, true)) !== undefined;
      case 'renew':
        return (await this.exchange('Renew', this.leased, false)) !== undefined;
    }
  }

  private turn(): void {
    if (this.server === undefined) {
      throw new Error('authenticate first');
    }
    const { CONTEXT_IDENTIFIER_LENGTH, QueryContext, defaultCodePoints } = this.rooms.protocol;
    this.context = new QueryContext(defaultCodePoints, this.server, {
      own: this.rooms.crypto.kemById(this.server.encryptionKey.kemId).generateKeyPair(randomBytes),
      clientKeyId: this.signer.key.public.keyId,
      contextIdentifier: randomBytes(CONTEXT_IDENTIFIER_LENGTH),
    });
  }

  private async authenticate(shows: 'nothing' | 'credential' | 'forgery'): Promise<boolean> {
    const { encodeEncryptedRequest, decodeServerAnswer, defaultCodePoints, KemId } = this.rooms.protocol;
    const transactionId = randomInt(0x100_0000);
    const shown = { signer: this.signer, timestamp: this.timestamp() };
    const request = encodeEncryptedRequest(
      defaultCodePoints,
      { transactionId, kemList: [KemId.X25519], cookie: this.cookie },
      shows === 'nothing' ? undefined : shown,
    );
    if (shows === 'forgery') {
      request.writeUInt8(request.readUInt8(request.length - 1) ^ 1, request.length - 1);
      this.send(request);
      return false;
    }
    const reply = await this.ask(request, (octets) => {
      const decoded = decodeServerAnswer(defaultCodePoints, 'encrypted-reply', octets);
      return decoded.message.transactionId === transactionId ? decoded : undefined;
    });
    if (reply?.kind !== 'announcement') {
      return false;
    }
    const { keyId } = this.rooms.pki.EndEntity.parse(Buffer.from(reply.credential.certificates[0] ?? ''));
    const { kemId, publicKey } = reply.encryptionKey;
    this.server = {
      serverIdentifier: Buffer.from(reply.serverIdentifier),
      serverKeyId: keyId,
      encryptionKey: this.rooms.crypto.kemById(kemId).deserializePublicKey(publicKey),
    };
    if (shows === 'nothing') {
      this.cookie = reply.cookie && Buffer.from(reply.cookie);
    }
    return true;
  }

  private async lease(): Promise<boolean> {
    const { findOption, IaNaOption, makeOption, OptionCode } = this.rooms.dhcp;
    const wish = makeOption(IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] });
    const advertise = await this.exchange('Solicit', [wish], true);
    if (advertise === undefined) {
      return false;
    }
    this.leased = [OptionCode.ServerIdentifier, OptionCode.IaNa].flatMap((code) => {
      const option = findOption(advertise.options, code);
      return option === undefined ? [] : [{ code, data: Buffer.from(option.data) }];
    });
    return (await this.exchange('Request', this.leased, false)) !== undefined;
  }

  private exchange(
    name: 'Solicit' | 'Request' | 'Renew',
    more: readonly dhcpRoom.DhcpOption[],
    signed: boolean,
  ): Promise<dhcpRoom.Message | undefined> {
    const { ElapsedTimeOption, makeOption, MessageType, OptionCode } = this.rooms.dhcp;
    const { context, signer } = this;
    if (context === undefined) {
      throw new Error('open a context first');
    }
    const duid = this.rooms.crypto.deriveDuid(signer.key.public.spki);
    const transactionId = randomInt(0x100_0000);
    const own = [{ code: OptionCode.ClientIdentifier, data: duid }, makeOption(ElapsedTimeOption, 0)];
    const message = { msgType: MessageType[name], transactionId, options: [...own, ...more] };
    const { cookie } = this;
    const signing = { signer, timestamp: this.timestamp(), includeCredential: cookie !== undefined };
    const query = signed ? context.open(message, signing, cookie) : context.seal(message, cookie);
    return this.ask(query, (octets) => {
      const inner = context.openResponse(octets, transactionId);
      return inner.kind === 'message' ? inner.message : undefined;
    });
  }

  private timestamp(): bigint {
    this.lastTimestamp = Math.max(Date.now(), this.lastTimestamp + 1);
    return this.rooms.crypto.ntpFromUnixMilliseconds(this.lastTimestamp);
  }

  /** The first datagram that `read` makes something of; undefined where none comes in time. */
  private ask<Answer>(
    octets: Buffer,
    read: (octets: Buffer) => Answer | undefined,
  ): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      const done = (answer: Answer | undefined): void => {
        clearTimeout(timer);
        this.socket.removeAllListeners('message');
        resolve(answer);
      };
      const timer = setTimeout(() => done(undefined), this.patience);
      this.socket.on('message', (datagram: Buffer) => {
        try {
          const answer = read(datagram);
          if (answer !== undefined) {
            done(answer);
          }
        } catch {
          // Somebody else's, or nothing that this client can open.
        }
      });
      this.send(octets);
    });
  }

  private send(octets: Buffer): void {
    this.socket.send(octets, SERVER_PORT, `${GROUP}%${this.options.interface}`);
  }
}

async function main(options: SteadyOptions): Promise<void> {
  const room = (name: string): Promise<unknown> => import(join(options.dist, name, 'index.js'));
  const rooms: Rooms = {
    crypto: (await room('crypto')) as typeof cryptoRoom,
    dhcp: (await room('dhcpv6')) as typeof dhcpRoom,
    pki: (await room('pki')) as typeof pkiRoom,
    protocol: (await room('protocol')) as typeof protocolRoom,
  };
  const socket = createSocket('udp6');
  const listening = once(socket, 'listening');
  socket.bind(CLIENT_PORT, `${options.address}%${options.interface}`);
  await listening;
  socket.setMulticastInterface(`::%${options.interface}`);
  const client = new SteadyClient(rooms, options, socket);
  const server = createServer((control) => {
    void (async () => {
      for await (const line of createInterface(control)) {
        const began = performance.now();
        const [step, patience] = line.split(' ');
        const served = await client.take(step as SteadyStep, Number(patience));
        const milliseconds = performance.now() - began;
        const answer: SteadyAnswer = { served, serverKey: client.serverKey, milliseconds };
        control.write(`${JSON.stringify(answer)}\n`);
      }
    })();
  });
  server.listen(options.control, () => process.stdout.write('ready\n'));
}

if (require.main === module) {
  void main(JSON.parse(process.argv[2] ?? '') as SteadyOptions);
}
