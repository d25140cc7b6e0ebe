// SPDX-License-Identifier: MPL-2.0

import {
  ContextKeeper,
  DhcpClient,
  type DhcpClientOptions,
  type Lease,
  MaxRt,
  type ServerPins,
  TimestampSource,
  type LeaseRequest,
  type Way,
} from '../../../src/client';
import { deriveDuid, RecipientPrivateKey } from '../../../src/crypto';
import { TrustStore } from '../../../src/pki';
import { decodeEncryptedQuery, defaultCodePoints, type Envelope } from '../../../src/protocol';
import { derOf, identityOf, trustAnchor } from '../../engine/support/vector-engine';
import { ScriptedEnvironment, ScriptedLink } from './scripted-link';

const wall = Date.UTC(2026, 0, 1);

export const leasedAddress = '2001:db8::77';

/** Who the client is in clear. */
export const clearDuid = Buffer.from('00040102030405064708890a0b0c0d0e0f10', 'hex');
export const clearIaid = 0xc1ea5;
/** And under encryption. */
export const secretIaid = 0x5ec2e7;

export interface Setup {
  /** What is not plain goes lost, unless `answersWrapped`. */
  readonly answer: (octets: Buffer, now: number, number: number, way: Way) => Promise<readonly Buffer[]>;
  readonly answersWrapped?: boolean;
  readonly options?: Partial<DhcpClientOptions>;
  readonly solution?: 'A' | 'B';
  readonly serverName?: string;
  readonly pins?: ServerPins;
  readonly opportunistic?: boolean;
  readonly leaseRequest?: Partial<LeaseRequest>;
  /** Milliseconds; default 20 000. */
  readonly patience?: number;
  /** Milliseconds; no bound by default. */
  readonly attemptLimit?: number;
  readonly maxRt?: MaxRt;
}

export interface ClientUnderTest {
  readonly client: DhcpClient;
  /** The client that follows it on the same interface, as in a client daemon. */
  readonly next: (changed?: Partial<DhcpClientOptions>) => DhcpClient;
  readonly options: DhcpClientOptions;
  /** What comes back for a datagram, for another link to the same server. */
  readonly answer: (octets: Buffer, number: number) => Promise<readonly Buffer[]>;
  readonly link: ScriptedLink;
  readonly environment: ScriptedEnvironment;
  readonly notices: string[];
  /** Why the client went on in clear. */
  readonly announced: string[];
  readonly secretDuid: Buffer;
}

export function setUp({ answer, solution = 'A', serverName, pins, ...more }: Setup): ClientUnderTest {
  const answered = (octets: Buffer, number: number, way: Way = 'plain'): Promise<readonly Buffer[]> =>
    way === 'wrapped' && more.answersWrapped !== true
      ? Promise.resolve([])
      : answer(Buffer.from(octets), environment.now(), number, way);
  const link: ScriptedLink = new ScriptedLink(answered);
  const environment = new ScriptedEnvironment(wall, () => link.isQuiet);
  const notices: string[] = [];
  const announced: string[] = [];
  const { privateKey, chain } = identityOf('client-P-256');
  const key = RecipientPrivateKey.fromKeyObject(privateKey);
  const secretDuid = deriveDuid(key.public.spki);
  const leaseRequest: LeaseRequest = {
    clientIdentifier: secretDuid,
    iaid: secretIaid,
    address: true,
    prefix: false,
    rapidCommit: false,
    fqdn: undefined,
    ...more.leaseRequest,
  };
  const options: DhcpClientOptions = {
    solution,
    signer: { key, chain: chain.map((der) => Buffer.from(der)) },
    trust: {
      store: pins ? undefined : new TrustStore({ anchors: derOf(trustAnchor), intermediates: [], crls: [] }),
      pins,
      serverName,
    },
    leaseRequest,
    opportunistic:
      more.opportunistic === true
        ? {
            leaseRequest: { ...leaseRequest, clientIdentifier: clearDuid, iaid: clearIaid },
            announce: (reason) => {
              announced.push(reason);
            },
          }
        : undefined,
    patience: more.patience ?? 20_000,
    attemptLimit: more.attemptLimit,
    maxRt: more.maxRt ?? new MaxRt(),
    environment,
    transport: link,
    notice: (text) => {
      notices.push(text);
    },
    timestamps: new TimestampSource(() => environment.now()),
    contexts: new ContextKeeper(),
    ...more.options,
  };
  const next = (changed: Partial<DhcpClientOptions> = {}): DhcpClient =>
    new DhcpClient({ ...options, ...changed });
  return {
    client: next(),
    next,
    options,
    answer: answered,
    link,
    environment,
    notices,
    announced,
    secretDuid,
  };
}

/** The message types that were sent. */
export function types(link: ScriptedLink): number[] {
  return link.sent.map((octets) => octets.readUInt8(0));
}

export function addresses(lease: Lease): string[] {
  return lease.addresses.flatMap(({ items }) => items.map((item) => item.address));
}

/** The messages that were sent plain, by type. */
export function plainTypes({ sent, ways }: ScriptedLink): number[] {
  return sent.filter((_, index) => ways[index] === 'plain').map((octets) => octets.readUInt8(0));
}

/** The envelope of an Encrypted-Query. */
export function envelopeOf(octets: Buffer): Envelope {
  return decodeEncryptedQuery(defaultCodePoints, octets).envelope;
}

/** Which contexts the Encrypted-Queries were sent in, in their order. */
export function contextsOf({ sent }: ScriptedLink): string[] {
  return sent
    .filter((octets) => octets[0] === defaultCodePoints.messageTypes['encrypted-query'])
    .map((octets) => envelopeOf(octets).contextIdentifier.toString('hex'));
}
