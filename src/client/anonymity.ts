// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { deriveDuid, RecipientPrivateKey } from '../crypto';
import type { Signer } from '../protocol';
import { clearIdentity } from './clear/clear-identity';
import type { DhcpClientOptions } from './dhcp-client';
import { TimestampSource } from './exchange/timestamp-source';

/** What an anonymous client may choose; in all else it is like any other anonymous client. */
export interface AnonymousRequest {
  readonly address: boolean;
  readonly prefix: boolean;
  readonly rapidCommit: boolean;
  /** With a certificate, which the server alone sees; undefined: not even the server learns who the client is. */
  readonly certified: Signer | undefined;
  /** Called with the reason before anything is sent in clear; undefined: nothing ever is. */
  readonly announce: ((reason: string) => void) | undefined;
}

/** Who an anonymous client is for as long as it has one lease. */
export type AnonymousIdentity = Pick<DhcpClientOptions, 'signer' | 'leaseRequest' | 'opportunistic'> & {
  readonly timestamps: TimestampSource;
};

/** The source of secrets, and of the time. */
export interface RandomSource {
  /** `count` octets that cannot be guessed. */
  octets(count: number): Buffer;
  /** A new P-256 private key. */
  key(): KeyObject;
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemRandomSource: RandomSource = {
  octets: (count) => randomBytes(count),
  key: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  now: () => Date.now(),
};

/** A key that was never used before identifies no client (docs/protocol.md 5.2). */
export function freshSigner(source: Pick<RandomSource, 'key'> = systemRandomSource): Signer {
  return { key: RecipientPrivateKey.fromKeyObject(source.key()), chain: [] };
}

/**
 * A new identity, which has nothing in common with any other (RFC 7844 section 4, docs/privacy.md):
 *
 * - In clear goes nothing of the client's in solution A, in solution B a bare public key and an IAID that were made for it.
 * - The DUID is the one derived from the key that signs queries, for servers take no other from a bare key
 *   (docs/protocol.md 8): of a fresh key it is as new as the key. That of a certified key only a server that has seen the
 *   certificate sees too.
 * - No host name, no option codes beyond those that every client requests, no address of an earlier lease.
 * - Timestamps are exact to the second only, since fractions distinguish one clock from another.
 */
export function anonymousIdentity(request: AnonymousRequest, source: RandomSource): AnonymousIdentity {
  const { address, prefix, rapidCommit, certified, announce } = request;
  const random = (count: number): Buffer => source.octets(count);
  const signer = certified ?? freshSigner(source);
  const leaseRequest = {
    clientIdentifier: deriveDuid(signer.key.public.spki),
    iaid: random(4).readUInt32BE(),
    address,
    prefix,
    rapidCommit,
    fqdn: undefined,
  };
  return {
    signer,
    leaseRequest,
    opportunistic: announce && {
      leaseRequest: { ...leaseRequest, ...clearIdentity(undefined, undefined, random) },
      announce,
    },
    timestamps: new TimestampSource(() => blurred(source)),
  };
}

const SECOND = 1000;

/** This second, and a random part of it: servers allow a clock to be off by more. */
function blurred(source: RandomSource): number {
  const second = Math.floor(source.now() / SECOND) * SECOND;
  return second + (source.octets(2).readUInt16BE() % SECOND);
}
