// SPDX-License-Identifier: MPL-2.0

/**
 * An attacker: Encrypted-Requests that no server should accept, at a rate, as a program of its own for a network
 * namespace. It poses as a relay agent, so that a request can come from whoever it likes.
 *
 * Arguments: one JSON text, see {@link FloodOptions}. It prints `flooding` after the first, and how many there were when
 * it is told to end by SIGTERM.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import type * as cryptoRoom from '../../../src/crypto';
import type * as pkiRoom from '../../../src/pki';
import type * as protocolRoom from '../../../src/protocol';

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
  /** `signature`: the signature is wrong. `path`: it is right, and the certificate is not. */
  readonly flaw: 'signature' | 'path';
  /** `one` peer-address for all, or another for each of `many`. */
  readonly sources: 'one' | 'many';
  /** A second. */
  readonly rate: number;
}

const SERVER_PORT = 547;
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

async function main(options: FloodOptions): Promise<void> {
  const room = (name: string): Promise<unknown> => import(join(options.dist, name, 'index.js'));
  const { ntpFromUnixMilliseconds } = (await room('crypto')) as typeof cryptoRoom;
  const { loadIdentity } = (await room('pki')) as typeof pkiRoom;
  const { defaultCodePoints, encodeEncryptedRequest, KemId } = (await room(
    'protocol',
  )) as typeof protocolRoom;
  const { certificate, privateKey, flaw, sources, rate, server } = options;
  const identity = loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
  const signer = { key: identity.privateKey, chain: identity.chain };
  const link = Buffer.from(options.linkAddress, 'hex');
  const fresh = (): Buffer =>
    encodeEncryptedRequest(
      defaultCodePoints,
      { transactionId: randomInt(0x100_0000), kemList: [KemId.X25519] },
      { signer, timestamp: ntpFromUnixMilliseconds(Date.now()) },
    );
  let template = fresh();
  setInterval(() => (template = fresh()), 1000);
  // Of another transaction than the one that was signed: that costs the attacker nothing.
  const forged = (): Buffer => {
    const request = Buffer.from(template);
    request.writeUIntBE(randomInt(0x100_0000), 1, 3);
    return request;
  };
  const socket = createSocket('udp6');
  const began = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * rate);
    // What could not be sent in time is not made up for.
    for (sent = Math.max(sent, due - rate); sent < due; sent += 1) {
      const request = flaw === 'signature' ? forged() : fresh();
      socket.send(relayed(link, peerAddress(sources), request), SERVER_PORT, server);
      if (sent === 0) {
        process.stdout.write('flooding\n');
      }
    }
  }, TICK);
  process.once('SIGTERM', () => {
    process.stdout.write(`${sent}\n`, () => process.exit(0));
  });
}

if (require.main === module) {
  void main(JSON.parse(process.argv[2] ?? '') as FloodOptions);
}
