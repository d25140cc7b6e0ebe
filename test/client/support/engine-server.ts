// SPDX-License-Identifier: MPL-2.0

import { unwrapMessage, wrapMessage } from '../../../src/client/exchange/wrapping';
import type { PacketPolicy } from '../../../src/engine/settings/packet-policy';
import { type ReceivedWith, VectorEngine } from '../../engine/support/vector-engine';
import { leasedAddress } from './client-set-up';
import { type Gives, PlainKea } from './plain-kea';

const linkLocalAddress = Buffer.from('fe800000000000000000000000000001', 'hex');

/** What a server with the real engine, and a Kea that always gives the same address, answers. */
export class EngineServer {
  readonly engine: VectorEngine;
  private readonly kea: PlainKea;

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
    const sealed = this.engine.handler.send(verdict.handle, this.kea.answerNested(verdict.octets));
    return sealed.action === 'replace' ? [sealed.octets] : [];
  }
}
