// SPDX-License-Identifier: MPL-2.0
import { parseIpv6, MessageType } from '../../../src/dhcpv6';
import { CLIENT_PREFIX, enginePid, until } from '../support';
import { credentialOf, opening, Queries, relayed, timestamp, types } from './support/forge';
import type { Party } from './support/party';
import { Range, settings } from './support/range';
import { Wire } from './support/wire';

/** Who records what a client sends, and sends it again, gets nothing (docs/protocol.md 4.1, 6). */
describe.each(settings)('replays of what a client has sent, solution %s, %i relay(s)', (solution, relays) => {
  let range: Range;
  let victim: Party;

  beforeAll(async () => {
    range = await Range.open({ solution, relays });
    victim = await range.party('fe80::1:1');
    await victim.authenticate(solution);
    await victim.lease();
  });

  afterAll(() => range.close());

  /** What was served, in the order in which it was: authentication, opening query, later query. */
  async function served(): Promise<readonly [authentication: Buffer, ...queries: Buffer[]]> {
    const authentication = victim.authentication(solution);
    await victim.authenticate(solution, authentication);
    const context = victim.openContext();
    const renew = victim.question(MessageType.Renew);
    const opening = victim.opening(context, renew);
    await victim.ask(context, opening);
    const later = victim.later(context, renew);
    await victim.ask(context, later);
    return [authentication, opening, later];
  }

  it('are refused at once, as often as they come, from where they came from', async () => {
    const messages = await served();
    const [authentication, ...queries] = messages;
    await range.refuses('timestamp-fail', [authentication], victim.sender);
    await range.refuses('replayed', queries, victim.sender);
    const again = [...messages, ...messages, ...messages];
    expect(await range.attack(again, victim.sender)).toEqual({ 'timestamp-fail': 3, replayed: 6 });
  });

  it('are refused later, when other contexts of the client have taken the place of theirs', async () => {
    const messages = await served();
    // More than two workers keep of one key.
    for (let contexts = 0; contexts < 50; contexts += 1) {
      await victim.renew();
    }
    // The opening query is an old one then, and nobody knows the context of the later one.
    expect(await range.attackOnce(messages, victim.sender)).toEqual({
      drops: { 'timestamp-fail': 2 },
      turnedAway: 1,
    });
  });

  it('are refused from other addresses, on whatever link and through whatever relay they seem to come', async () => {
    const [authentication, ...queries] = await served();
    const senders = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => range.wire.client(`fe80::bad:${n}`)));
    for (const sender of senders) {
      await range.refuses('timestamp-fail', [authentication], sender);
      await range.refuses('replayed', queries, sender);
    }

    const wire =
      relays === 0
        ? range.wire
        : await Wire.open(range.site.testbed, range.site.topology.relays[0]!.namespace, {
            interface: 'up',
            destination: '2001:db8:f001::1',
          });
    const from = relays === 0 ? range.evil : wire.at('2001:db8:f001::2', 1547);
    const link = parseIpv6(CLIENT_PREFIX.replace('/64', '1'));
    const elsewhere = parseIpv6('2001:db8:7::1');
    const peers = [victim.sender.address, 'fe80::bad:77', 'fe80::bad:78'].map(parseIpv6);
    const wrap = (message: Buffer): Buffer[] =>
      peers.flatMap((peer) => [
        relayed(message, link, peer, 'no-such-relay'),
        relayed(message, elsewhere, peer),
      ]);
    await range.refuses('timestamp-fail', wrap(authentication), from, wire);
    await range.refuses('replayed', queries.flatMap(wrap), from, wire);
  });

  it('and proofs in later queries put nothing on record', async () => {
    const renew = victim.question(MessageType.Renew);
    const queries = new Queries(range.server);
    const first = queries.query(opening(renew, { signer: victim.signer }));
    expect((await range.wire.ask(first, victim.sender)).readUInt8(0)).toBe(types['encrypted-response']);
    for (const signer of [range.good.signer, victim.signer]) {
      const proof = opening(renew, { signer, timestamp: timestamp(200), credential: credentialOf(signer) });
      const later = queries.query(proof);
      expect((await range.wire.ask(later, victim.sender)).readUInt8(0)).toBe(types['encrypted-response']);
    }
    await range.serves();
    await victim.renew();
  });

  /** Messages that were served before a restart: contexts end by it, and neither the encryption keys nor the records do. */
  async function refusesAnew(messages: readonly Buffer[]): Promise<void> {
    await range.serves();
    expect(await range.attackOnce(messages, victim.sender)).toEqual({
      // What showed the credential, then what opened the context last; what came in it is in no known one.
      drops: { 'timestamp-fail': 1, replayed: 1 },
      turnedAway: 1,
    });
    await victim.authenticate(solution);
    await victim.renew();
  }

  // What a restart leaves has nothing to do with relays: each kind of restart is had with one of the two.
  if (relays === 0) {
    it('are refused by a new engine, which has none of the contexts', async () => {
      const messages = await served();
      const pid = await enginePid(range.kea);
      process.kill(pid, 'SIGKILL');
      await until('a new engine', async () => (await enginePid(range.kea)) !== pid);
      await until('the new engine to serve', async () => {
        const restarts = await range.kea.statistic('encryption-engine-restarts');
        return restarts === 1 && (range.kea.log.match(/ENCRYPTION_ENGINE_STARTED/g) ?? []).length === 2;
      });
      await refusesAnew(messages);
    });
  } else {
    it('are refused by a Kea that has been started anew', async () => {
      const messages = await served();
      expect(await range.kea.stop()).toMatchObject({ code: 0 });
      await range.kea.launch();
      await refusesAnew(messages);
    });
  }
});
