// SPDX-License-Identifier: MPL-2.0
import { createPrivateKey } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveDuid, RecipientPrivateKey } from '../../../../src/crypto';
import {
  decodeMessage,
  type DhcpOption,
  ElapsedTimeOption,
  encodeMessage,
  IaAddressOption,
  IaNaOption,
  IaPdOption,
  IaPrefixOption,
  makeOption,
  type Message,
  MessageType,
  OptionCode,
  parseIpv6,
  readOption,
  StatusCodeOption,
  unwrapRelay,
} from '../../../../src/dhcpv6';
import { defaultCodePoints, type QueryContext, type Signer } from '../../../../src/protocol';
import { hex, vectors } from '../../../crypto/support/vectors';
import { derOf } from '../../../engine/support/vector-engine';
import {
  dropCounts,
  dropsSince,
  hooksIn,
  installedHook,
  SERVER_DUID,
  Site,
  until,
  type Drops,
  type KeaObject,
  type KeaServer,
} from '../../support';
import { newTransaction, relayed, timestamp } from './forge';
import { addressIn, KnownServer, Party } from './party';
import { whatIsTold } from './range';
import { Wire, type Sender } from './wire';

/** ownership.json: section 8 as a table. */
interface OwnershipFile {
  readonly subnets: Readonly<
    Record<string, { readonly mode: string; readonly shared_network: string | null }>
  >;
  readonly duids: Readonly<Record<string, string>>;
  readonly senders: Readonly<
    Record<string, { readonly spki: string; readonly certificate_chain_pem: string | null }>
  >;
  readonly cases: readonly OwnershipCase[];
}

export interface OwnershipLease {
  readonly duid: string;
  /** A sender; null in clear. */
  readonly owner: string | null;
  readonly subnet: string;
  readonly address: string;
  readonly prefix: string;
}

export interface Reservation {
  readonly sender: string;
  readonly subnet: string;
}

export interface OwnershipCase {
  readonly case: string;
  readonly leases: readonly OwnershipLease[];
  readonly sender: string | null;
  readonly message: string;
  readonly duid: string;
  readonly subnet: string;
  readonly names: readonly string[];
  readonly reservations: readonly Reservation[];
  readonly served: boolean;
}

export const file = vectors('protocol/ownership.json') as OwnershipFile;

const keys = vectors('protocol/keys.json') as {
  readonly trust_anchor_pem: string;
  readonly keys: Readonly<Record<string, { readonly spki: string; readonly private_pem: string }>>;
};

/** In the order of the prefixes 2001:db8:1::/64, 2001:db8:2::/64 … */
const SUBNETS = Object.keys(file.subnets);

const numberOf = (subnet: string): number => SUBNETS.indexOf(subnet) + 1;

export const duidOf = (name: string): Buffer => hex(file.duids[name]!);

function signerOf(name: string): Signer {
  const { spki, certificate_chain_pem: chain } = file.senders[name]!;
  const { private_pem: pem } = Object.values(keys.keys).find((key) => key.spki === spki)!;
  const key = RecipientPrivateKey.fromKeyObject(createPrivateKey(pem));
  return { key, chain: chain === null ? [] : derOf(chain) };
}

const MESSAGES: Readonly<Record<string, number>> = {
  Solicit: MessageType.Solicit,
  Request: MessageType.Request,
  Confirm: MessageType.Confirm,
  Renew: MessageType.Renew,
  Rebind: MessageType.Rebind,
  Release: MessageType.Release,
  Decline: MessageType.Decline,
};

const WITHOUT_SERVER: readonly number[] = [MessageType.Solicit, MessageType.Confirm, MessageType.Rebind];

/** Of a certificate that says nothing of its holder: its path is refused (RFC 5280 section 4.1.2.6). */
export const isNameless = (sender: string): boolean => sender.startsWith('nameless');

const isPrefix = (name: string): boolean => name.startsWith('2001:db8:f');

const IAID = 7;

/** What a message asks for, and where. */
export interface Asked {
  readonly message: string;
  /** Default: no Client Identifier. */
  readonly duid?: Buffer;
  readonly subnet: string;
  /** Addresses and prefixes. */
  readonly names: readonly string[];
}

/** What became of a message. */
export interface Outcome {
  /** What Kea has answered; undefined for nothing. */
  readonly answer: Message | undefined;
  /** It was answered by the report of a failure. */
  readonly isReported: boolean;
  /** The client in a context was told that its identity is refused. */
  readonly isTold: boolean;
  readonly drops: Drops;
}

/** A lease as `lease6-get-all` shows it. */
export interface ShownLease {
  readonly 'ip-address': string;
  readonly 'user-context'?: {
    readonly [other: string]: unknown;
    readonly encryption?: { readonly key: string; readonly identity: string };
  };
}

/** A Kea with the subnets of ownership.json, and its senders, who come by a relay agent of each subnet. */
export class OwnershipWorld {
  private readonly parties = new Map<string, Party>();

  private constructor(
    readonly site: Site,
    readonly kea: KeaServer,
    private readonly wire: Wire,
    private readonly server: KnownServer,
    private readonly sender: Sender,
  ) {}

  /** @param more of Kea's configuration */
  static async open(
    reservations: readonly Reservation[] = [],
    more: KeaObject = {},
  ): Promise<OwnershipWorld> {
    const site = new Site();
    try {
      await site.open(0);
      const { testbed, topology, pki } = site;
      const anchor = site.path('vectors.pem');
      await writeFile(anchor, keys.trust_anchor_pem);
      const credentials = await pki.server();
      const parameters = {
        mode: 'optional',
        'trust-anchors': [pki.anchors, anchor],
        blocklist: { count: 0 },
      };
      const { hooks = [] } = await site.settings(parameters, { credentials });
      const kea = await site.start(parameters, {
        credentials,
        kea: {
          hooks: await hooksIn(site.path('hooks'), [
            ...hooks,
            { library: installedHook('libdhcp_lease_cmds.so') },
          ]),
          // One message after the other: an answer tells that what came before it is done.
          threads: 0,
          more: {
            ...subnets(reservations),
            'host-reservation-identifiers': ['duid', 'flex-id'],
            // Kea 2.6 and later keep a released lease for whom it was.
            'expired-leases-processing': { 'hold-reclaimed-time': 0 },
            ...more,
          },
        },
      });
      const wire = await Wire.open(testbed, topology.client);
      const { address } = await wire.client('fe80::c1ea');
      return new OwnershipWorld(site, kea, wire, KnownServer.of(credentials), wire.at(address, 547));
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { code } = await this.kea.stop();
    await this.site.close();
    expect(code).toBe(0);
  }

  /** Ends all leases. */
  async wipe(): Promise<void> {
    for (const subnet of SUBNETS) {
      const { result } = await this.kea.command('lease6-wipe', { 'subnet-id': numberOf(subnet) });
      expect([0, 3]).toContain(result);
    }
    expect(await this.leases()).toEqual([]);
  }

  async leases(): Promise<readonly ShownLease[]> {
    const answer = await this.kea.command('lease6-get-all');
    return (answer.arguments as { readonly leases: readonly ShownLease[] } | undefined)?.leases ?? [];
  }

  /**
   * Has a lease obtained by whom it is to belong to; one of a key in a subnet of mode off is of a time when that was not,
   * and one of a certificate without a name is none that this server gives.
   */
  async give({ duid, owner, subnet, address, prefix }: OwnershipLease): Promise<void> {
    const items = { duid: duidOf(duid), subnet, names: [address, prefix] };
    if (owner === null || (file.subnets[subnet]!.mode !== 'off' && !isNameless(owner))) {
      const { answer } = await this.ask(owner, { message: 'Request', ...items });
      expect(answer?.msgType).toBe(MessageType.Reply);
    } else {
      const { keyId: key } = signerOf(owner).key.public;
      const common = {
        duid: items.duid.toString('hex').replaceAll(/..(?=.)/g, '$&:'),
        iaid: IAID,
        'subnet-id': numberOf(subnet),
        'user-context': { encryption: { key: key.toString('hex'), identity: '' } },
      };
      for (const more of [
        { 'ip-address': address },
        { 'ip-address': prefix.replace('/48', ''), type: 'IA_PD', 'prefix-len': 48 },
      ]) {
        expect(await this.kea.command('lease6-add', { ...common, ...more })).toMatchObject({ result: 0 });
      }
    }
    const noted = (await this.leases()).filter((lease) =>
      [address, prefix.replace('/48', '')].includes(lease['ip-address']),
    );
    const key = owner === null ? undefined : signerOf(owner).key.public.keyId.toString('hex');
    expect(noted.map((lease) => lease['user-context']?.encryption?.key)).toEqual([key, key]);
  }

  /** Sends a message, in a context of its sender's or in clear, and says what became of it. */
  async ask(sender: string | null, asked: Asked): Promise<Outcome> {
    const party = sender === null ? undefined : await this.party(sender);
    const before = await dropCounts(this.kea);
    const known = this.wire.received.length;
    const transactionId = newTransaction();
    const question = { ...questionOf(asked), transactionId };
    let context: QueryContext | undefined;
    let octets = encodeMessage(question);
    if (party !== undefined) {
      context = party.openContext();
      octets = context.open(question, {
        signer: party.signer,
        timestamp: timestamp(),
        includeCredential: true,
      });
    }
    await this.send(octets, asked.subnet);
    await this.barrier();
    const message = this.answerTo(transactionId, known);
    const isReported = context !== undefined && message !== undefined && whatIsTold(message) === 'report';
    const inner =
      message === undefined || isReported ? undefined : context?.openResponse(message, transactionId);
    const answer =
      inner?.kind === 'message' ? inner.message : message === undefined ? undefined : decodeMessage(message);
    const status = answer && readOption(answer.options, StatusCodeOption);
    return {
      answer,
      isReported,
      isTold: status?.code === defaultCodePoints.statusCodes['identity-refused'],
      drops: dropsSince(before, await dropCounts(this.kea)),
    };
  }

  /** A key and somebody in clear ask for the same, at the same moment. Says who has got an address. */
  async contest(sender: string, asked: Asked): Promise<{ readonly key: boolean; readonly clear: boolean }> {
    const party = await this.party(sender);
    const before = await dropCounts(this.kea);
    const known = this.wire.received.length;
    const [own, clear] = [newTransaction(), newTransaction()];
    const question = questionOf(asked);
    const context = party.openContext();
    const signing = { signer: party.signer, timestamp: timestamp(), includeCredential: true };
    const opening = context.open({ ...question, transactionId: own }, signing);
    const datagrams = [opening, encodeMessage({ ...question, transactionId: clear })];
    await this.wire.send(
      (own % 2 === 0 ? datagrams : datagrams.reverse()).map((octets) => relayedBy(asked.subnet, octets)),
      this.sender,
    );
    const told = await until('both to be answered, or dropped', async () => {
      const { 'bound-duid': dropped = 0 } = dropsSince(before, await dropCounts(this.kea));
      const sealed = this.answerTo(own, known);
      const answer = this.answerTo(clear, known);
      return sealed !== undefined && (answer !== undefined || dropped > 0) && { sealed, answer };
    });
    const inner = context.openResponse(told.sealed, own);
    return {
      key: inner.kind === 'message' && addressIn(inner.message) !== undefined,
      clear: told.answer !== undefined && addressIn(decodeMessage(told.answer)) !== undefined,
    };
  }

  /** Starts Kea and its engine anew. @param isForgetful nothing is left of what the engine has kept */
  async restart(isForgetful = false): Promise<void> {
    expect(await this.kea.stop()).toMatchObject({ code: 0 });
    if (isForgetful) {
      await rm(this.site.path('state'), { recursive: true });
      for (const name of await readdir(this.site.testbed.memory)) {
        await rm(join(this.site.testbed.memory, name));
      }
      this.parties.clear();
    }
    await this.kea.launch();
  }

  /** What came before is done when this is answered. */
  private async barrier(): Promise<void> {
    const known = this.wire.received.length;
    const transactionId = newTransaction();
    const request = { msgType: MessageType.InformationRequest, transactionId, options: [] };
    await this.send(encodeMessage(request), 'here');
    await until('Kea to have done all', () => this.answerTo(transactionId, known));
  }

  private async send(octets: Buffer, subnet: string): Promise<void> {
    await this.wire.send([relayedBy(subnet, octets)], this.sender);
  }

  private answerTo(transactionId: number, known: number): Buffer | undefined {
    return this.wire.received
      .slice(known)
      .map(({ octets }) => unwrapRelay(octets).message)
      .find((message) => message.readUIntBE(1, 3) === transactionId);
  }

  private async party(name: string): Promise<Party> {
    const known = this.parties.get(name);
    if (known !== undefined) {
      return known;
    }
    const party = new Party(this.wire, this.sender, signerOf(name), this.server);
    const request = party.authentication('A');
    const before = this.wire.received.length;
    await this.send(request, 'here');
    const answer = await until('an announcement', () => this.answerTo(request.readUIntBE(1, 3), before));
    this.server.learn('encrypted-reply', answer);
    this.parties.set(name, party);
    return party;
  }
}

function relayedBy(subnet: string, octets: Buffer): Buffer {
  return relayed(octets, parseIpv6(`2001:db8:${numberOf(subnet)}::1`), parseIpv6('fe80::c1ea'));
}

function subnets(reservations: readonly Reservation[]): KeaObject {
  const networks = new Map<string | null, KeaObject[]>();
  for (const [name, { mode, shared_network: network }] of Object.entries(file.subnets)) {
    const number = numberOf(name);
    const reserved = reservations.filter(({ subnet }) => subnet === name);
    const settings = {
      id: number,
      subnet: `2001:db8:${number}::/64`,
      pools: [{ pool: `2001:db8:${number}::/112` }],
      'pd-pools': [{ prefix: `2001:db8:f${number}00::`, 'prefix-len': 40, 'delegated-len': 48 }],
      'user-context': { encryption: { mode } },
      reservations: reserved.map(({ sender }) => ({
        duid: deriveDuid(signerOf(sender).key.public.spki).toString('hex'),
        hostname: 'reserved',
      })),
    };
    networks.set(network, [...(networks.get(network) ?? []), settings]);
  }
  return {
    subnet6: networks.get(null) ?? [],
    'shared-networks': [...networks].flatMap(([name, subnet6]) => (name === null ? [] : [{ name, subnet6 }])),
  };
}

function questionOf({ message, duid, names }: Asked): Omit<Message, 'transactionId'> {
  const msgType = MESSAGES[message]!;
  const lifetimes = { preferredLifetime: 0, validLifetime: 0, options: [] };
  const addresses = names.filter((name) => !isPrefix(name));
  const prefixes = names.filter(isPrefix);
  const association = { iaid: IAID, t1: 0, t2: 0 };
  const options: DhcpOption[] = [makeOption(ElapsedTimeOption, 0)];
  if (duid !== undefined) {
    options.push({ code: OptionCode.ClientIdentifier, data: duid });
  }
  if (!WITHOUT_SERVER.includes(msgType)) {
    options.push({ code: OptionCode.ServerIdentifier, data: SERVER_DUID });
  }
  if (addresses.length > 0 || prefixes.length === 0) {
    const items = addresses.map((address) =>
      makeOption(IaAddressOption, { address: parseIpv6(address), ...lifetimes }),
    );
    options.push(makeOption(IaNaOption, { ...association, options: items }));
  }
  if (prefixes.length > 0) {
    const items = prefixes.map((prefix) =>
      makeOption(IaPrefixOption, {
        prefix: parseIpv6(prefix.replace('/48', '')),
        prefixLength: 48,
        ...lifetimes,
      }),
    );
    options.push(makeOption(IaPdOption, { ...association, options: items }));
  }
  return { msgType, options };
}
