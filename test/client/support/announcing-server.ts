// SPDX-License-Identifier: MPL-2.0

import { kemById, ntpFromUnixMilliseconds, RecipientPrivateKey } from '../../../src/crypto';
import {
  addressedTo,
  chosenKem,
  decodeEncryptedRequest,
  decodeSolicit,
  defaultCodePoints,
  encodeEncryptedReply,
  encodeReportingResponse,
  KemId,
  requestDigest,
  type Signer,
} from '../../../src/protocol';
import { identityOf } from '../../engine/support/vector-engine';

/** A key of the vectors with its certificates. */
export function signerOf(name: string): Signer {
  const { privateKey, chain } = identityOf(name);
  return { key: RecipientPrivateKey.fromKeyObject(privateKey), chain: chain.map((der) => Buffer.from(der)) };
}

export interface Announcing {
  readonly signer?: Signer;
  readonly identifier?: Buffer;
  /** kem_ids that it offers. */
  readonly offered?: readonly number[];
  /** Seconds. */
  readonly lifetime?: number;
  /** In place of one that can be used. */
  readonly publicKey?: Buffer;
  readonly status?: { readonly code: number; readonly message: string };
  /** Of the report; by default that of the message which is answered. */
  readonly digest?: Buffer;
}

const keys = new Map([KemId.X25519, KemId.P256, KemId.P384].map((id) => [id as number, ikmKey(id)]));

function ikmKey(kemId: number): Buffer {
  return kemById(kemId).deriveKeyPair(Buffer.alloc(64, kemId)).public.octets;
}

/**
 * What a server says in clear to an Encrypted-Request, or to a solution B Solicit that it refuses: its announcement, or a
 * report.
 * @param now milliseconds since 1970
 */
export function announce(octets: Buffer, now: number, server: Announcing = {}): Buffer {
  const {
    signer = signerOf('server-P-256'),
    identifier = Buffer.from('00030001000000000001', 'hex'),
    offered = [KemId.X25519],
    lifetime = 80_000,
    status,
  } = server;
  const isSolicit = octets[0] === 1;
  const { message, kemList } = isSolicit
    ? decodeSolicit(defaultCodePoints, octets)
    : decodeEncryptedRequest(defaultCodePoints, octets);
  const kemId = chosenKem(kemList, offered);
  const announcement = {
    serverIdentifier: identifier,
    timestamp: ntpFromUnixMilliseconds(now),
    kemList: offered,
    encryptionKey: { kemId, lifetime, publicKey: server.publicKey ?? keys.get(kemId) ?? Buffer.alloc(32) },
  };
  const report = status && { status, requestDigest: server.digest ?? requestDigest(octets) };
  const { transactionId } = message;
  if (isSolicit && report !== undefined) {
    return encodeReportingResponse(defaultCodePoints, signer, transactionId, announcement, report, undefined);
  }
  const signed = encodeEncryptedReply(defaultCodePoints, signer, announcement, report);
  return addressedTo(defaultCodePoints, signed, transactionId, undefined);
}
