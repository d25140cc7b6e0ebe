// SPDX-License-Identifier: MPL-2.0

import { randomBytes, randomInt } from 'node:crypto';
import { openUdpTransport, type Transport } from '../src/client';
import { deriveDuid, kemById, ntpFromUnixMilliseconds } from '../src/crypto';
import {
  decodeMessage,
  type DhcpOption,
  ElapsedTimeOption,
  encodeMessage,
  findOption,
  IaNaOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
} from '../src/dhcpv6';
import { EndEntity, loadIdentity } from '../src/pki';
import {
  CONTEXT_IDENTIFIER_LENGTH,
  decodeServerAnswer,
  defaultCodePoints,
  encodeEncryptedRequest,
  KemId,
  QueryContext,
  type Signer,
} from '../src/protocol';

/** Microseconds of each exchange. */
export interface RoundTrips {
  readonly clear: readonly number[];
  readonly encrypted: readonly number[];
  readonly cryptography: readonly number[];
}

const exchanges = 300;
const answerTimeout = 2000;

/** Turns a message into a datagram and its answer back into a message; undefined if it is not the answer. */
interface Codec {
  encode(message: Message): Buffer;
  decode(octets: Buffer, transactionId: number): Message | undefined;
}

const clearText: Codec = {
  encode: encodeMessage,
  decode: (octets, transactionId) => {
    const message = decodeMessage(octets);
    return message.transactionId === transactionId ? message : undefined;
  },
};

class Encrypted implements Codec {
  /** Microseconds spent in sealing and opening, on this end. */
  spent = 0;

  constructor(
    private readonly context: QueryContext,
    private readonly signer: Signer,
  ) {}

  encode(message: Message): Buffer {
    const signing = {
      signer: this.signer,
      timestamp: ntpFromUnixMilliseconds(Date.now()),
      includeCredential: true,
    };
    const { context } = this;
    return this.timed(() => (context.isEstablished ? context.seal(message) : context.open(message, signing)));
  }

  decode(octets: Buffer, transactionId: number): Message | undefined {
    const inner = this.timed(() => this.context.openResponse(octets, transactionId));
    return inner.kind === 'message' ? inner.message : undefined;
  }

  private timed<T>(work: () => T): T {
    const began = performance.now();
    const result = work();
    this.spent += (performance.now() - began) * 1000;
    return result;
  }
}

function answerTo(transport: Transport, octets: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('no answer'));
    }, answerTimeout);
    transport.onMessage((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    transport.send(octets);
  });
}

async function exchange(
  transport: Transport,
  codec: Codec,
  msgType: number,
  options: readonly DhcpOption[],
): Promise<Message> {
  const transactionId = randomInt(0x100_0000);
  const message = { msgType, transactionId, options: [...options, makeOption(ElapsedTimeOption, 0)] };
  const answer = codec.decode(await answerTo(transport, codec.encode(message)), transactionId);
  if (answer === undefined) {
    throw new Error('the answer to another transaction');
  }
  return answer;
}

/** Leases an address, then renews it again and again. */
async function renewals(
  transport: Transport,
  codec: Codec,
  clientIdentifier: Buffer,
  done: (microseconds: number) => void,
): Promise<void> {
  const own = { code: OptionCode.ClientIdentifier, data: clientIdentifier };
  const empty = makeOption(IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] });
  const advertise = await exchange(transport, codec, MessageType.Solicit, [own, empty]);
  const kept = [OptionCode.ServerIdentifier, OptionCode.IaNa].map((code) => {
    const option = findOption(advertise.options, code);
    if (option === undefined) {
      throw new Error(`an Advertise without option ${code}`);
    }
    return { code, data: Buffer.from(option.data) };
  });
  await exchange(transport, codec, MessageType.Request, [own, ...kept]);
  for (let count = 0; count < exchanges; count += 1) {
    const began = performance.now();
    await exchange(transport, codec, MessageType.Renew, [own, ...kept]);
    done((performance.now() - began) * 1000);
  }
}

async function openEncrypted(transport: Transport, signer: Signer): Promise<Encrypted> {
  const question = { transactionId: randomInt(0x100_0000), kemList: [KemId.X25519], cookie: undefined };
  const request = encodeEncryptedRequest(defaultCodePoints, question);
  const reply = decodeServerAnswer(defaultCodePoints, 'encrypted-reply', await answerTo(transport, request));
  if (reply.kind !== 'announcement') {
    throw new Error('no announcement');
  }
  const { key } = EndEntity.parse(Buffer.from(reply.credential.certificates[0] ?? ''));
  const { kemId, publicKey } = reply.encryptionKey;
  const kem = kemById(kemId);
  const recipient = {
    serverIdentifier: Buffer.from(reply.serverIdentifier),
    serverKeyId: key.keyId,
    encryptionKey: kem.deserializePublicKey(Buffer.from(publicKey)),
  };
  const context = new QueryContext(defaultCodePoints, recipient, {
    own: kem.generateKeyPair(randomBytes),
    clientKeyId: signer.key.public.keyId,
    contextIdentifier: randomBytes(CONTEXT_IDENTIFIER_LENGTH),
  });
  return new Encrypted(context, signer);
}

async function main([
  interfaceName = '',
  certificate = '',
  privateKey = '',
]: readonly string[]): Promise<void> {
  const identity = loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
  const signer: Signer = { key: identity.privateKey, chain: identity.chain };
  const transport = await openUdpTransport({ interfaceName, addressTimeout: 10_000 });
  const result = {
    clear: new Array<number>(),
    encrypted: new Array<number>(),
    cryptography: new Array<number>(),
  };
  await renewals(transport, clearText, Buffer.concat([Buffer.of(0, 3, 0, 1), randomBytes(6)]), (time) => {
    result.clear.push(time);
  });
  const encrypted = await openEncrypted(transport, signer);
  await renewals(transport, encrypted, deriveDuid(identity.spki), (time) => {
    result.encrypted.push(time);
    // The other end does the same work in the other direction.
    result.cryptography.push(encrypted.spent * 2);
    encrypted.spent = 0;
  });
  await transport.close();
  console.log(JSON.stringify(result));
}

void main(process.argv.slice(2));
