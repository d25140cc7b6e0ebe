// SPDX-License-Identifier: MPL-2.0
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  MessageType,
  parseIpv6,
  unwrapRelay,
} from '../../../src/dhcpv6';
import { type Authority, createAuthority } from '../../../src/pki';
import type { QueryContext, Signer } from '../../../src/protocol';
import { until } from '../support';
import { newTransaction, relayed } from './support/forge';
import { addressIn, type Party, type Question } from './support/party';
import { Range } from './support/range';
import { member, stranger } from './support/signers';
import type { Sender } from './support/wire';

const duids = ['aa', 'bb', 'cc', 'dd'].map((last) => Buffer.from(`000300010200000000${last}`, 'hex'));
const names = {
  subject: 'CN=Host, O=Example',
  dns: ['host.example.net'],
  uri: ['https://host.example.net/'],
};

/** docs/protocol.md 8 on a real Kea: whose a Client Identifier is, and what a renewed certificate changes. */
describe('the binding of a Client Identifier to a key, by the lease', () => {
  let range: Range;
  let other: Authority;

  beforeAll(async () => {
    range = await Range.open({
      solution: 'A',
      parameters: { mode: 'encrypted' },
      prepare: async (site) => {
        other = await createAuthority({ subject: 'CN=Other', keyType: 'P-384', days: 30, now: Date.now() });
        const anchor = site.path('other.pem');
        await writeFile(anchor, other.certificatePem);
        return { 'trust-anchors': [site.pki.anchors, anchor] };
      },
    });
  });

  afterAll(() => range.close());

  /** Who has just got a lease under this DUID. */
  async function holder(address: string, duid: Buffer, signer: Signer): Promise<Party> {
    const party = await range.party(address, signer, duid);
    await party.authenticate('A');
    await party.lease();
    return party;
  }

  /** Asks for the holder's lease under another key, and is told that it is refused. */
  async function refusesClaim(
    signer: Signer,
    { duid, address }: Pick<Party, 'duid' | 'address'>,
    type: number = MessageType.Renew,
  ): Promise<void> {
    const party = await range.party('fe80::c1a:1', signer, duid);
    const context = party.openContext();
    const query = party.opening(context, party.question(type, address), true);
    await range.refusesIdentity(party, context, query);
  }

  it('is made by the first that uses it, and no other key may use it then', async () => {
    const owner = await holder('fe80::1:1', duids[0]!, await member(range.authority, names));
    const strangers = [
      await member(range.authority),
      await member(range.authority, { ...names, dns: ['host2.example.net'] }),
      await member(range.authority, { ...names, subject: 'CN=Host' }),
      await member(range.authority, { ...names, subject: 'O=Example, CN=Host' }),
      await member(range.authority, { ...names, uri: [] }),
      await member(other, names),
    ];
    for (const signer of strangers) {
      await refusesClaim(signer, owner, MessageType.Release);
    }
    await refusesClaim(stranger(), owner, MessageType.Release);
    await owner.renew();
  });

  it('moves to the key of a renewed certificate, which keeps the lease', async () => {
    const owner = await holder(
      'fe80::1:2',
      duids[1]!,
      await member(range.authority, { ...names, dns: ['renewed'] }),
    );
    const renewed = await member(range.authority, { ...names, dns: ['renewed'] });
    expect(renewed.key.public.keyId).not.toEqual(owner.signer.key.public.keyId);
    const successor = await range.party('fe80::1:2', renewed, owner.duid);
    const leases = await range.leases();

    await successor.authenticate('A');
    const context = successor.openContext();
    const question = successor.question(MessageType.Renew, owner.address);
    Object.assign(successor, { address: owner.address });
    expect(addressIn(await successor.ask(context, successor.opening(context, question)))).toBe(owner.address);

    const [before, after] = [owner, successor].map(({ signer }) => signer.key.public.keyId.toString('hex'));
    expect(await range.leases()).toEqual(
      leases.map((lease) => (lease.owner === before ? { ...lease, owner: after } : lease)),
    );
    await refusesClaim(await member(range.authority), owner);
    await successor.renew();
  });

  it('follows the names of a certificate although its key was shown bare since', async () => {
    const signer = await member(range.authority, { ...names, dns: ['host3.example.net'] });
    const owner = await holder('fe80::5:1', Buffer.from('00030001020000000077', 'hex'), signer);
    const bare = await range.party('fe80::5:1', { key: signer.key, chain: [] }, owner.duid);
    await bare.authenticate('A');
    const key = signer.key.public.keyId.toString('hex');
    expect(await range.kea.command('encryption-key-get', { key })).toMatchObject({
      result: 0,
      arguments: { key: { credential: 'public-key' } },
    });

    const renewed = await member(range.authority, { ...names, dns: ['host3.example.net'] });
    const successor = await range.party('fe80::5:2', renewed, owner.duid);
    await successor.authenticate('A');
    expect(await successor.lease()).toBe(owner.address);
  });

  it('is never made to a bare key but with the DUID derived from it', async () => {
    const bare = await range.party('fe80::1:4', stranger());
    await bare.authenticate('A');
    await bare.lease();
    for (const type of [MessageType.Solicit, MessageType.Release]) {
      await refusesClaim(bare.signer, { duid: duids[3]!, address: bare.address }, type);
    }
    const certified = await holder('fe80::1:5', duids[3]!, await member(range.authority));
    await refusesClaim(certified.signer, bare);
    await refusesClaim(bare.signer, certified);
    await bare.renew();
    await certified.renew();
  });
});

/** docs/protocol.md 8: what clients have that are served in clear, beside others that encrypt. */
describe('a client in clear', () => {
  /** Subnets of other modes than the link's, behind relays. */
  const off = { id: 8, prefix: '2001:db8:8::/64', pool: '2001:db8:8::1:0-2001:db8:8::1:ffff' };
  const link = parseIpv6('2001:db8:8::1');
  const peer = parseIpv6('fe80::c1ea');
  let range: Range;
  let mallory: Party;
  let clients = 0;

  beforeAll(async () => {
    const userContext = { encryption: { mode: 'off' } };
    const subnets = [{ ...off, userContext }];
    range = await Range.open({ solution: 'A', parameters: { mode: 'optional' }, subnets });
    mallory = await range.party('fe80::1:1', undefined, Buffer.from('000300010200000000ee', 'hex'));
    await mallory.authenticate('A');
  });

  afterAll(() => range.close());

  interface Victim {
    readonly party: Party;
    readonly ask: (type: number) => Promise<Message>;
  }

  /** A client with a lease in clear, on the link or behind a relay in the subnet of mode off. */
  async function victim(isRelayed = false, duid = uuid()): Promise<Victim> {
    const party = await range.party(`fe80::c:${(clients += 1)}`, undefined, duid);
    const sender = isRelayed ? range.wire.at(party.sender.address, 547) : party.sender;
    const ask = (type: number): Promise<Message> => askInClear(party.question(type), sender, isRelayed);
    const offered = addressIn(await ask(MessageType.Solicit));
    party.address = offered;
    expect(addressIn(await ask(MessageType.Request))).toBe(offered);
    return { party, ask };
  }

  async function askInClear(question: Question, sender: Sender, isRelayed: boolean): Promise<Message> {
    const message = { ...question, transactionId: newTransaction() };
    const octets = encodeMessage(message);
    await range.wire.send([isRelayed ? relayed(octets, link, peer) : octets], sender);
    return until('an answer in clear', () => {
      return range.wire.received
        .filter(({ at }) => at.address === sender.address)
        .map(({ octets: answer }) => decodeMessage(unwrapRelay(answer).message))
        .find(({ transactionId }) => transactionId === message.transactionId);
    });
  }

  const uuid = (): Buffer => Buffer.from(`0004${randomUUID().replaceAll('-', '')}`, 'hex');

  /** The messages that take, or touch, what a client has: each in one context of the claimant, who is refused. */
  async function refusesClaims(
    claimant: Party,
    owner: Party,
    reason?: string,
    types: readonly number[] = Object.values(MessageType).filter((type) =>
      [1, 3, 4, 5, 6, 8, 9, 11].includes(type),
    ),
  ): Promise<void> {
    const context = await contextOf(claimant);
    for (const type of types) {
      await range.refusesIdentity(claimant, context, claimant.later(context, owner.question(type)), reason);
    }
  }

  async function contextOf(party: Party): Promise<QueryContext> {
    const context = party.openContext();
    await party.ask(
      context,
      party.opening(context, { msgType: MessageType.InformationRequest, options: [] }),
    );
    return context;
  }

  it('keeps its lease from every key, bare or certified', async () => {
    const { party, ask } = await victim();
    const bare = await range.party('fe80::1:2', stranger());
    await bare.authenticate('A');
    await refusesClaims(bare, party);
    await refusesClaims(mallory, party, 'leased-in-clear');

    expect(addressIn(await ask(MessageType.Renew))).toBe(party.address);
    expect(await ownersOf(party)).toEqual([undefined]);
  });

  it('in a subnet of mode off keeps its lease too, which bars no certified key elsewhere', async () => {
    const { party, ask } = await victim(true);
    const bare = await range.party('fe80::1:2', stranger());
    await bare.authenticate('A');
    await refusesClaims(bare, party);
    const certified = await range.party('fe80::1:9', undefined, party.duid);
    await certified.authenticate('A');
    await certified.lease();

    // Kea finds the lease by its address, whatever the subnet that the claim comes from.
    const context = await contextOf(certified);
    for (const type of [MessageType.Release, MessageType.Decline, MessageType.Renew]) {
      await certified.ask(context, certified.later(context, party.question(type)));
    }
    await certified.renew();
    expect(addressIn(await ask(MessageType.Renew))).toBe(party.address);
    const leases = await range.kea.leases();
    expect(leases).toContainEqual(expect.objectContaining({ address: party.address }));
  });

  it('is one of 200 that nobody silences, with or without a lease', async () => {
    const { party, ask } = await victim();
    const bare = await range.party('fe80::1:3', stranger());
    await bare.authenticate('A');
    const others = Array.from({ length: 199 }, uuid);
    const context = await contextOf(bare);
    for (const duid of [party.duid, ...others]) {
      const query = bare.later(context, party.question(MessageType.Solicit, undefined, duid));
      await range.refusesIdentity(bare, context, query);
    }
    for (const duid of others.slice(0, 3)) {
      const solicit = party.question(MessageType.Solicit, undefined, duid);
      expect((await askInClear(solicit, party.sender, false)).msgType).toBe(MessageType.Advertise);
    }
    expect(addressIn(await ask(MessageType.Renew))).toBe(party.address);
  });

  it('is not served under a DUID that is bound, but where the mode is off', async () => {
    await range.refuses('bound-duid', [clear(range.good.duid)]);
    const sender = range.wire.at(range.evil.address, 547);
    const question = range.good.question(MessageType.Solicit);
    expect((await askInClear(question, sender, true)).msgType).toBe(MessageType.Advertise);
    await range.serves();
  });

  it('gives its DUID to its key once its lease is given back', async () => {
    const { party, ask } = await victim();
    await party.authenticate('A');
    await refusesClaims(party, party, 'leased-in-clear', [MessageType.Renew]);
    await ask(MessageType.Release);
    await party.lease();
    await party.renew();
    await range.refuses('bound-duid', [clear(party.duid)]);
  });

  it('with the DUID-UUID of a firmware, in the order of SMBIOS or not, is served, and so is its key', async () => {
    for (const name of ['solicit-smbios-uuid', 'solicit-rfc-uuid']) {
      const text = readFileSync(join(__dirname, `../../vectors/field/${name}.hex`), 'utf8');
      const { options } = decodeMessage(Buffer.from(text.replaceAll(/^#.*$/gm, '').trim(), 'hex'));
      const solicit = { msgType: MessageType.Solicit, options };
      expect((await askInClear(solicit, range.evil, false)).msgType).toBe(MessageType.Advertise);
      const certified = await range.party('fe80::1:6', undefined, options[0]?.data);
      await certified.authenticate('A');
      await certified.lease();
      await certified.renew();
    }
  });

  it('never keeps a DUID from the key that derives it, which has it from then on', async () => {
    const known = await range.party('fe80::1:7');
    // A lease in clear of the DUID, from before: the key takes it over.
    const { party, ask } = await victim(false, known.duid);
    const certified = await range.party('fe80::1:8', undefined, known.duid);
    await certified.authenticate('A');
    await known.authenticate('A');
    await refusesClaims(certified, known, 'leased-in-clear', [MessageType.Solicit]);
    expect(addressIn(await ask(MessageType.Renew))).toBe(party.address);
    expect(await known.lease()).toBe(party.address);
    expect(await ownersOf(known)).toEqual([known.signer.key.public.keyId.toString('hex')]);
    await range.refuses('bound-duid', [clear(known.duid)]);
    await refusesClaims(certified, known, undefined, [MessageType.Solicit]);
    await known.renew();
  });

  /** The key that owns each of the leases of a DUID; undefined in clear. */
  async function ownersOf({ duid }: Party): Promise<(string | undefined)[]> {
    const leases = await range.kea.leases();
    return leases.filter((lease) => lease.duid === duid.toString('hex')).map(({ owner }) => owner);
  }

  /** A Solicit in clear. */
  function clear(duid: Buffer): Buffer {
    return encodeMessage({
      ...range.good.question(MessageType.Solicit, undefined, duid),
      transactionId: newTransaction(),
    });
  }
});
