// SPDX-License-Identifier: MPL-2.0
import { encodeMessage, MessageType, OptionCode, parseIpv6 } from '../../../src/dhcpv6';
import { credentialOf, newTransaction, opening, Queries, relayed } from './support/forge';
import type { Party, Question } from './support/party';
import { Range } from './support/range';

const kinds = Object.values(MessageType).filter((type) => [1, 3, 4, 5, 6, 8, 9, 11].includes(type));

const malloryDuid = Buffer.from('000300010200000000aa', 'hex');
const victimDuid = Buffer.from('000300010200000000bb', 'hex');
const freeDuid = Buffer.from('000300010200000000cc', 'hex');

/** A holder of a valid certificate, and a host without any, who want what is another client's (docs/protocol.md 8). */
describe.each([
  ['A', 0],
  ['B', 1],
] as const)("another client's identity, solution %s, %i relay(s),", (solution, relays) => {
  let range: Range;
  let mallory: Party;
  let victim: Party;

  beforeAll(async () => {
    range = await Range.open({ solution, relays, parameters: { mode: 'optional' } });
    mallory = await range.party('fe80::1:1', undefined, malloryDuid);
    victim = await range.party('fe80::1:2', undefined, victimDuid);
    for (const party of [mallory, victim]) {
      await party.authenticate(solution);
      await party.lease();
    }
  });

  afterAll(() => range.close());

  const fresh = (question: Question, proof: Partial<Parameters<typeof opening>[1]> = {}): Buffer =>
    new Queries(range.server).query(opening(question, { signer: mallory.signer, ...proof }));

  it('is not to be had by its Key Identifier', async () => {
    const question = victim.question(MessageType.Release);
    const { keyId } = victim.signer.key.public;
    // Without a credential inside it may be another key's (docs/protocol.md 4.2).
    await range.refuses('authentication-fail', [fresh(question, { keyIdentifier: keyId })]);
    const credential = credentialOf(mallory.signer);
    await range.refuses('key-identifier-mismatch', [fresh(question, { keyIdentifier: keyId, credential })]);
    const shown = credentialOf(victim.signer);
    await range.refuses('signature-fail', [fresh(question, { keyIdentifier: keyId, credential: shown })]);
    await range.refuses('key-identifier-mismatch', [fresh(question, { credential: shown })]);
    await victim.renew();
  });

  it('is not to be had by its DUID, in whatever message', async () => {
    const open = mallory.openContext();
    await mallory.ask(open, mallory.opening(open, mallory.question(MessageType.Renew)));
    for (const party of [victim, range.good]) {
      for (const question of kinds.map((type) => party.question(type))) {
        await range.refusesIdentity(mallory, open, mallory.later(open, question));
        const context = mallory.openContext();
        await range.refusesIdentity(mallory, context, mallory.opening(context, question));
      }
    }
    // Nor by a second one, beside the own one or after it.
    const question = mallory.question(MessageType.Release);
    const second = { code: OptionCode.ClientIdentifier, data: victimDuid };
    const both = { ...question, options: [...question.options, second] };
    await range.refuses('option-repeated', [mallory.later(open, both)]);
    await victim.renew();
    await mallory.renew();
  });

  it('is not to be had in clear, and others are still served in clear', async () => {
    const clear = (party: Party, duid: Buffer): Buffer[] =>
      kinds.map((type) =>
        encodeMessage({ ...party.question(type, party.address, duid), transactionId: newTransaction() }),
      );
    const unknown = Buffer.from(range.good.duid);
    unknown.writeUInt8(unknown.readUInt8(3) ^ 1, 3);
    const [ofVictim, ofGood] = [clear(victim, victimDuid), clear(range.good, range.good.duid)];
    const [link, peer] = [parseIpv6('2001:db8:1::1'), parseIpv6('fe80::bad')];
    // One of each DUID at a time: of messages of one client that come at once Kea itself drops some.
    for (const [index, one] of ofVictim.entries()) {
      const pair = [one, ofGood[index]!];
      await range.refuses('bound-duid', pair);
      if (relays === 0) {
        await range.refuses(
          'bound-duid',
          pair.map((message) => relayed(message, link, peer)),
        );
      }
    }
    for (const duid of [freeDuid, unknown]) {
      const [solicit] = clear(victim, duid);
      expect((await range.wire.ask(solicit!, range.evil)).readUInt8(0)).toBe(MessageType.Advertise);
    }
  });

  it('keeps its lease when another one names its address', async () => {
    const leases = await range.leases();
    const context = mallory.openContext();
    await mallory.ask(context, mallory.opening(context, mallory.question(MessageType.Renew)));
    for (const type of [MessageType.Release, MessageType.Decline, MessageType.Request, MessageType.Renew]) {
      await mallory.ask(context, mallory.later(context, mallory.question(type, victim.address)));
    }
    const kept = await range.leases();
    expect(kept).toEqual(expect.arrayContaining(leases.filter(({ address }) => address === victim.address)));
    await victim.renew();
  });
});
