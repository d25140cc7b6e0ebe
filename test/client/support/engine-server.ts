// SPDX-License-Identifier: MPL-2.0

import { unwrapMessage, wrapMessage } from '../../../src/client/exchange/wrapping';
import { decodeMessage, findOption, OptionCode, unwrapRelay } from '../../../src/dhcpv6';
import type { Replace } from '../../../src/engine/packet/verdict';
import type { PacketPolicy } from '../../../src/engine/settings/packet-policy';
import { type ReceivedWith, VectorEngine } from '../../engine/support/vector-engine';
import { leasedAddress } from './client-set-up';
import { type Gives, PlainKea } from './plain-kea';

const linkLocalAddress = Buffer.from('fe800000000000000000000000000001', 'hex');

/** Where a sender, as the hook gets it, has its key and its derived DUID. */
const KEY_LENGTH = 32;
const DERIVED_AT = 48;

/** What a server with the real engine, and a Kea that always gives the same address, answers. */
export class EngineServer {
  readonly engine: VectorEngine;
  private readonly kea: PlainKea;
  /** Keys by the DUIDs that they have used, as the hook finds them in leases. */
  private readonly owners = new Map<string, string>();

  constructor(
    name: string,
    readonly identifier: Buffer,
    policy: Partial<PacketPolicy> = {},
    gives: Gives = { address: leasedAddress },
    private readonly mode: NonNullable<ReceivedWith['mode']> = 'optional',
  ) {
    this.engine = new VectorEngine({ server: name, serverIdentifier: identifier, policy });
    this.kea = new PlainKea(identifier, gives);
  }

  async answer(octets: Buffer, now: number): Promise<Buffer[]> {
    this.engine.now = now;
    return this.answerDatagram(octets);
  }

  /** To what came wrapped in a Relay-forward (docs/protocol.md 5.3): the answer, unwrapped. */
  async answerWrapped(octets: Buffer, now: number): Promise<Buffer[]> {
    this.engine.now = now;
    const answers = await this.answerDatagram(wrapMessage(octets, linkLocalAddress));
    return answers.flatMap((answer) => unwrapMessage(answer, linkLocalAddress) ?? []);
  }

  private async answerDatagram(octets: Buffer): Promise<Buffer[]> {
    const verdict = await this.engine.receive(octets, { mode: this.mode });
    if (verdict.action === 'drop') {
      return [];
    }
    if (verdict.action === 'reply') {
      return [verdict.octets];
    }
    // A query whose sender may not use its DUID goes back (docs/engine-channel.md).
    const answer = this.refuses(verdict) ? verdict.octets : this.kea.answerNested(verdict.octets);
    const sealed = this.engine.handler.send(verdict.handle, answer);
    return sealed.action === 'replace' ? [sealed.octets] : [];
  }

  /** docs/protocol.md 8, with leases that never end. */
  private refuses({ credential, octets, sender }: Replace): boolean {
    const { options } = decodeMessage(unwrapRelay(octets).message);
    const duid = findOption(options, OptionCode.ClientIdentifier)?.data;
    if (credential === 'unproven' || duid === undefined || duid.equals(sender.subarray(DERIVED_AT))) {
      return false;
    }
    const key = sender.toString('hex', 0, KEY_LENGTH);
    const owner = this.owners.get(duid.toString('hex')) ?? key;
    this.owners.set(duid.toString('hex'), owner);
    return credential === 'public-key' || owner !== key;
  }
}
