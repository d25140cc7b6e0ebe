// SPDX-License-Identifier: MPL-2.0

import { randomBytes } from 'node:crypto';
import {
  deriveDuid,
  type Kem,
  kemById,
  ntpFromUnixMilliseconds,
  RecipientPrivateKey,
  senderSuite,
  setupPskS,
} from '../src/crypto';
import {
  type DhcpOption,
  ElapsedTimeOption,
  encodeMessage,
  IaNaOption,
  makeOption,
  MessageType,
  OptionCode,
} from '../src/dhcpv6';
import {
  addressedTo,
  CONTEXT_IDENTIFIER_LENGTH,
  defaultCodePoints as codePoints,
  encodeEncryptedReply,
  encodeEncryptedRequest,
  encodeEncryptedResponse,
  encodeRetry,
  HpkeMode,
  KemId,
  QueryContext,
  SealingContext,
  type Signer,
} from '../src/protocol';
import { IssuedPki, serverIdentifier } from '../test/engine/support/issued';

const transactionId = 7;
/** As the server's cookies are (docs/protocol.md 7). */
const cookie = randomBytes(21);

type Issued = Awaited<ReturnType<IssuedPki['issue']>>;

function signerOf({ privateKey, chain }: Issued): Signer {
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: chain.map((der) => Buffer.from(der)) };
}

/** Octets of each message, UDP's payload, where the server's key is of this KEM. */
function sizesOf(kem: Kem, server: Signer, client: Signer): Readonly<Record<string, number>> {
  const { kemId } = kem;
  const kemList = kemId === KemId.X25519 ? [kemId] : [kemId, KemId.X25519];
  const timestamp = ntpFromUnixMilliseconds(Date.now());
  const pair = kem.generateKeyPair(randomBytes);
  const own = kem.generateKeyPair(randomBytes);
  const contextIdentifier = randomBytes(CONTEXT_IDENTIFIER_LENGTH);
  const request = { transactionId, kemList };
  const announced = encodeEncryptedReply(codePoints, server, {
    serverIdentifier,
    timestamp,
    kemList,
    encryptionKey: { kemId, lifetime: 86_400, publicKey: pair.public.octets },
  });
  const association = makeOption(IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] });
  const identifier = { code: OptionCode.ClientIdentifier, data: deriveDuid(client.key.public.spki) };
  const message = (msgType: number, ...options: DhcpOption[]) => ({
    msgType,
    transactionId,
    options: [identifier, ...options],
  });
  const solicit = message(MessageType.Solicit, association, makeOption(ElapsedTimeOption, 0));
  const address = { code: OptionCode.IaNa, data: Buffer.alloc(12 + 28) };
  const ownServer = { code: OptionCode.ServerIdentifier, data: serverIdentifier };
  const recipient = { serverIdentifier, serverKeyId: server.key.public.keyId, encryptionKey: pair.public };
  const clientKeyId = client.key.public.keyId;
  const context = () => new QueryContext(codePoints, recipient, { own, clientKeyId, contextIdentifier });
  const signing = { signer: client, timestamp };
  const suite = senderSuite(kemId);
  const opened = setupPskS(suite, own.public, Buffer.alloc(90), Buffer.alloc(32), contextIdentifier);
  const sealing = new SealingContext({ mode: HpkeMode.Psk, suite, contextIdentifier, ...opened });
  const response = (): number =>
    encodeEncryptedResponse(codePoints, transactionId, (firstFour) =>
      sealing.seal(sealing.prepare(firstFour), encodeMessage(message(MessageType.Reply, ownServer, address))),
    ).length;
  const first = response();
  sealing.omitEnc();
  const enc = kem.Nenc;
  const renew = context().seal(message(MessageType.Renew, ownServer, address), cookie).length - enc;
  return {
    'Encrypted-Request': encodeEncryptedRequest(codePoints, request).length,
    'Encrypted-Request, shown': encodeEncryptedRequest(codePoints, request, signing).length,
    'Encrypted-Reply': addressedTo(codePoints, announced, transactionId, cookie).length,
    Retry: encodeRetry(codePoints, 'encrypted-reply', transactionId, serverIdentifier, cookie).length,
    'Solicit that opens a context, credential inside': context().open(
      solicit,
      { ...signing, includeCredential: true },
      cookie,
    ).length,
    'the same without credential': context().open(solicit, { ...signing, includeCredential: false }, cookie)
      .length,
    'first Encrypted-Response of a context': first,
    'later Encrypted-Response': response(),
    'Renew in an open context': renew,
  };
}

async function main(): Promise<void> {
  const pki = await IssuedPki.create(Date.now());
  const server = signerOf(await pki.issue('server', 'dhcp.example.net'));
  const client = signerOf(await pki.issue('client', 'client.example.net'));
  const columns = [KemId.X25519, KemId.XWing].map((kemId) => sizesOf(kemById(kemId), server, client));
  console.log(`${'octets; certificates of P-256'.padEnd(50)}${'x25519'.padStart(8)}${'x-wing'.padStart(8)}`);
  for (const name of Object.keys(columns[0] ?? {})) {
    console.log(name.padEnd(50) + columns.map((sizes) => String(sizes[name]).padStart(8)).join(''));
  }
}

void main();
