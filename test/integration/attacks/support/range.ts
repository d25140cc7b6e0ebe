// SPDX-License-Identifier: MPL-2.0
import {
  decodeMessage,
  findOption,
  MessageType,
  OptionCode,
  readOption,
  StatusCodeOption,
  unwrapRelay,
} from '../../../../src/dhcpv6';
import type { Authority } from '../../../../src/pki';
import {
  decodeServerAnswer,
  defaultCodePoints,
  type QueryContext,
  type QueryRecipient,
  type Signer,
} from '../../../../src/protocol';
import {
  clientSubnet,
  dropCounts,
  dropsSince,
  pause,
  Site,
  totalDrops,
  until,
  type Drops,
  type KeaLease,
  type KeaObject,
  type KeaOptions,
  type KeaServer,
  type SubnetSettings,
} from '../../support';
import { authentication, type Authentication, types } from './forge';
import { KnownServer, Party, solicitOptions } from './party';
import { member } from './signers';
import { Wire, type Sender } from './wire';

export type Solution = 'A' | 'B';

/** Solution and number of relays. */
export const settings = [
  ['A', 0],
  ['A', 1],
  ['B', 0],
  ['B', 1],
] as const satisfies readonly (readonly [Solution, number])[];

export interface RangeOptions {
  readonly solution: Solution;
  readonly relays?: number;
  readonly parameters?: KeaObject;
  /** Makes files that the parameters name. */
  readonly prepare?: (site: Site) => Promise<KeaObject>;
  /** Of the server; its environment is its engine's, too. */
  readonly kea?: (site: Site) => Promise<Partial<KeaOptions>>;
  /** Beside the subnet of the link. */
  readonly subnets?: readonly SubnetSettings[];
}

/** A real Kea with the hook, a good client that it serves, and a wire for the attacker. */
export class Range {
  private constructor(
    readonly site: Site,
    readonly kea: KeaServer,
    readonly wire: Wire,
    readonly solution: Solution,
    readonly good: Party,
    /** Where the attacker sends from. */
    readonly evil: Sender,
  ) {}

  /** Starts all of it; the good client has a lease then. */
  static async open(options: RangeOptions): Promise<Range> {
    const { solution, relays = 0, parameters = {}, prepare, subnets = [] } = options;
    const site = new Site();
    try {
      await site.open(relays);
      const { testbed, topology, pki } = site;
      const credentials = await pki.server();
      const more = { ...parameters, ...(await prepare?.(site)) };
      const settings = await options.kea?.(site);
      const common = { solution, mode: 'encrypted', blocklist: { count: 0 }, engine: { workers: 2 } };
      const kea = await site.start(
        { ...common, ...more },
        { credentials, kea: { subnets: [clientSubnet(topology), ...subnets], ...settings } },
      );
      const wire = await Wire.open(testbed, topology.client);
      const server = KnownServer.of(credentials);
      const good = new Party(wire, await wire.client('fe80::600d'), await member(pki.authority), server);
      const evil = await wire.client('fe80::bad');
      const range = new Range(site, kea, wire, solution, good, evil);
      await good.authenticate(solution);
      await good.lease();
      return range;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** Where queries go. */
  get server(): QueryRecipient {
    return this.good.server.recipient;
  }

  get authority(): Authority {
    return this.site.pki.authority;
  }

  async close(): Promise<void> {
    const { code } = await this.kea.stop();
    await this.site.close();
    expect(code).toBe(0);
  }

  /** A client with an address on the link. @param duid its own, or else the one derived from its key */
  async party(address: string, signer?: Signer, duid?: Buffer): Promise<Party> {
    const known = signer ?? (await member(this.authority));
    return new Party(this.wire, await this.wire.client(address), known, this.good.server, duid);
  }

  /** The good client is known, and its lease is its own. */
  async serves(): Promise<void> {
    await this.good.authenticate(this.solution);
    await this.good.renew();
  }

  /** An Encrypted-Request, or a Solicit of solution B, in which `parts` are as they are told to be. */
  request({ options = [], ...parts }: Omit<Authentication, 'msgType'>): Buffer {
    return this.solution === 'A'
      ? authentication({ msgType: types['encrypted-request'], options, ...parts })
      : authentication({
          msgType: MessageType.Solicit,
          options: [...solicitOptions(), ...options],
          ...parts,
        });
  }

  /**
   * Sends a message and gives the answer. Where the processor is slow, all that a stranger may have the engine compute in
   * a second may be spent already (docs/protocol.md 7): then once more, a little later.
   */
  async ask(message: Buffer, from = this.evil): Promise<Buffer> {
    for (;;) {
      const limited = await this.rateLimited();
      const known = this.wire.received.length;
      await this.wire.send([message], from);
      const answer = await until(
        'a message to be answered',
        async () =>
          this.wire.answerTo(message, from, known) ?? ((await this.rateLimited()) > limited && 'later'),
      );
      if (answer !== 'later') {
        return answer;
      }
      await pause(500);
    }
  }

  /** Has a message answered that is as it should be: the other side of a rule. */
  async accepts(message: Buffer): Promise<void> {
    const answer = await this.ask(message);
    const solutionA = message.readUInt8(0) === types['encrypted-request'];
    expect(whatIsTold(answer)).toBe(solutionA ? 'announcement' : 'response');
  }

  leases(): Promise<KeaLease[]> {
    return this.kea.leases();
  }

  /**
   * Sends datagrams that all have to be refused: what answers them says why and gives nothing, no lease changes, and the
   * good client is served after them. Gives how much each of the hook's drop statistics has risen.
   */
  async attack(datagrams: readonly Buffer[], from?: Sender, wire?: Wire): Promise<Drops> {
    const { drops, turnedAway } = await this.attackOnce(datagrams, from, wire);
    expect(turnedAway).toBe(0);
    return drops;
  }

  /**
   * As {@link attack}, where the key or context of some may be unknown: `turnedAway` are answered by what the server says to
   * everybody, or by a Retry (docs/protocol.md 3), as far as its rate allows.
   */
  async attackOnce(
    datagrams: readonly Buffer[],
    from = this.evil,
    wire = this.wire,
  ): Promise<{ readonly drops: Drops; readonly turnedAway: number }> {
    const before = await dropCounts(this.kea);
    const droppedBefore = await this.kea.statistic(ALL_DROPS);
    const leases = await this.leases();
    const known = wire.received.length;
    const risen = async (): Promise<Drops> => dropsSince(before, await dropCounts(this.kea));
    const told = (...kinds: readonly string[]): number =>
      wire.received
        .slice(known)
        .filter(({ at, octets }) => at.address === from.address && kinds.includes(whatIsTold(octets))).length;
    // What the hook answers itself is dropped as some versions of Kea count, and not as others do.
    const refused = async (): Promise<number> =>
      Math.max(
        (await this.kea.statistic(ALL_DROPS)) - droppedBefore,
        totalDrops(await risen()) + told('announcement', 'retry'),
      );
    for (let sent = 0; sent < datagrams.length; sent += BATCH) {
      const batch = datagrams.slice(sent, sent + BATCH);
      await wire.send(batch, from);
      const expected = sent + batch.length;
      await until(`${expected} messages to be dropped`, async () => (await refused()) >= expected);
    }
    expect(await refused()).toBe(datagrams.length);
    await this.serves();
    expect(await this.leases()).toEqual(leases);
    expect(told('response')).toBe(0);
    return { drops: await risen(), turnedAway: told('announcement', 'retry') };
  }

  /** As {@link attack}, where every message has to be dropped for this one reason; once more as in {@link ask}. */
  async refuses(reason: string, datagrams: readonly Buffer[], from?: Sender, wire?: Wire): Promise<void> {
    let drops = await this.attack(datagrams, from, wire);
    while ((drops['rate-limited'] ?? 0) > 0) {
      await pause(500);
      drops = await this.attack(datagrams, from, wire);
    }
    expect(drops).toEqual({ [reason]: datagrams.length });
  }

  /** Messages to a key, or in a context, that the server does not know, and which it answers by what it says to everybody. */
  async turnsAway(datagrams: readonly Buffer[], from?: Sender): Promise<void> {
    expect(await this.attackOnce(datagrams, from)).toEqual({ drops: {}, turnedAway: datagrams.length });
  }

  /** What a client in a context says under a DUID that is another's: it is told so, and gets nothing (docs/protocol.md 8). */
  async refusesIdentity(
    party: Party,
    context: QueryContext,
    query: Buffer,
    reason = 'identity-refused',
  ): Promise<void> {
    const before = await dropCounts(this.kea);
    const leases = await this.leases();
    const { msgType, options } = await party.ask(context, query);
    expect([MessageType.Advertise, MessageType.Reply]).toContain(msgType);
    const code = defaultCodePoints.statusCodes['identity-refused'];
    expect(readOption(options, StatusCodeOption)).toMatchObject({
      code,
      message: expect.stringMatching(/./),
    });
    const codesOf = options.map((option) => option.code).sort((a, b) => a - b);
    expect(codesOf).toEqual([
      OptionCode.ClientIdentifier,
      OptionCode.ServerIdentifier,
      OptionCode.StatusCode,
    ]);
    await until('the refusal to be counted', async () => {
      return totalDrops(dropsSince(before, await dropCounts(this.kea))) > 0;
    });
    expect(dropsSince(before, await dropCounts(this.kea))).toEqual({ [reason]: 1 });
    expect(await this.leases()).toEqual(leases);
  }

  private async rateLimited(): Promise<number> {
    return (await dropCounts(this.kea))['rate-limited'] ?? 0;
  }
}

/** Whether a server's answer is a report or a Retry, or says what a server says to everybody. */
export function whatIsTold(octets: Buffer): 'announcement' | 'report' | 'response' | 'retry' {
  const { message } = unwrapRelay(octets);
  const isReply = message[0] === types['encrypted-reply'];
  if (!isReply && findOption(decodeMessage(message).options, OptionCode.ServerIdentifier) === undefined) {
    // In a context, where it is signed by nobody.
    return 'response';
  }
  return decodeServerAnswer(defaultCodePoints, isReply ? 'encrypted-reply' : 'encrypted-response', message)
    .kind;
}

/** Whatever is dropped on its way in, by the hook or by Kea. */
const ALL_DROPS = 'pkt6-receive-drop';

/** Kea's socket has room for about 90 datagrams, its packet queue for 256. */
const BATCH = 40;
