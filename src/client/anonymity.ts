// SPDX-License-Identifier: MPL-2.0

import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { deriveDuid, RecipientPrivateKey } from '../crypto';
import type { Signer } from '../protocol';
import { clearIdentity } from './clear/clear-identity';
import type { DhcpClientOptions } from './dhcp-client';
import { TimestampSource } from './exchange/timestamp-source';

/** What an anonymous client is free to choose; nothing else about it differs from any other anonymous client. */
export interface AnonymousRequest {
  readonly address: boolean;
  readonly prefix: boolean;
  readonly rapidCommit: boolean;
  /** Shown under encryption, to the server only; undefined: not even the server learns who the client is. */
  readonly privateSigner: Signer | undefined;
  /** Hears why, before anything is sent in clear; undefined: nothing ever is. */
  readonly announce: ((reason: string) => void) | undefined;
}

/** Who an anonymous client is for as long as it has one lease. */
export type AnonymousIdentity = Pick<
  DhcpClientOptions,
  'signer' | 'privateSigner' | 'wishes' | 'opportunistic'
> & { readonly timestamps: TimestampSource };

/** Where secrets and the time come from. */
export interface Chance {
  /** So many octets that cannot be guessed. */
  octets(count: number): Buffer;
  /** A new P-256 private key. */
  key(): KeyObject;
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemChance: Chance = {
  octets: (count) => randomBytes(count),
  key: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  now: () => Date.now(),
};

/** docs/protocol.md 4.3: a key that nobody has seen before says nothing about the client. */
export function freshSigner(chance: Pick<Chance, 'key'> = systemChance): Signer {
  return { key: RecipientPrivateKey.fromKeyObject(chance.key()), chain: [] };
}

/**
 * A new identity, which has nothing in common with any other (RFC 7844 section 4, docs/privacy.md):
 *
 * - In clear goes a bare public key that was made for this, in solution B with a random IAID beside it.
 * - The DUID is the one derived from the key that signs queries, for servers take no other from a bare key
 *   (docs/protocol.md 8): of a fresh key it is as new as the key. That of a certified key only a server that has seen the
 *   certificate sees too.
 * - No host name, no option codes beyond those that every client asks for, no address of an earlier lease.
 * - Timestamps tell the second and no more, for the rest of it tells one clock from another.
 */
export function anonymousIdentity(request: AnonymousRequest, chance: Chance): AnonymousIdentity {
  const { address, prefix, rapidCommit, privateSigner, announce } = request;
  const random = (count: number): Buffer => chance.octets(count);
  const signer = freshSigner(chance);
  const wishes = {
    clientIdentifier: deriveDuid((privateSigner ?? signer).key.public.spki),
    iaid: random(4).readUInt32BE(),
    address,
    prefix,
    rapidCommit,
    fqdn: undefined,
  };
  return {
    signer,
    privateSigner,
    wishes,
    opportunistic: announce && {
      wishes: { ...wishes, ...clearIdentity(undefined, undefined, random) },
      announce,
    },
    timestamps: new TimestampSource(() => blurred(chance)),
  };
}

const SECOND = 1000;

/** This second, and a random part of it: servers allow a clock to be off by more. */
function blurred(chance: Chance): number {
  const second = Math.floor(chance.now() / SECOND) * SECOND;
  return second + (chance.octets(2).readUInt16BE() % SECOND);
}
