// SPDX-License-Identifier: MPL-2.0

import type { PacketPolicy } from '../../../src/engine/settings/packet-policy';
import { VectorEngine } from '../../engine/support/vector-engine';
import { leasedAddress } from './client-set-up';
import { type Gives, PlainKea } from './plain-kea';

/** What a server with the real engine, and a Kea that always gives the same address, answers. */
export class EngineServer {
  readonly engine: VectorEngine;
  private readonly kea: PlainKea;

  constructor(
    name: string,
    readonly identifier: Buffer,
    policy: Partial<PacketPolicy> = {},
    gives: Gives = { address: leasedAddress },
  ) {
    this.engine = new VectorEngine({ server: name, serverIdentifier: identifier, policy });
    this.kea = new PlainKea(identifier, gives);
  }

  async answer(octets: Buffer, now: number): Promise<Buffer[]> {
    this.engine.now = now;
    const verdict = await this.engine.receive(octets);
    if (verdict.action === 'drop') {
      return [];
    }
    if (verdict.action === 'reply') {
      return [verdict.octets];
    }
    const sealed = this.engine.handler.send(verdict.handle, this.kea.answer(verdict.octets));
    return sealed.action === 'replace' ? [sealed.octets] : [];
  }
}
