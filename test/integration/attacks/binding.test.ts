// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { MessageType } from '../../../src/dhcpv6';
import { type Authority, createAuthority } from '../../../src/pki';
import type { Signer } from '../../../src/protocol';
import { TestDirectory } from '../../support/test-directory';
import { dropCounts, totalDrops, until } from '../support';
import { credentialOf, opening, Queries, timestamp } from './support/forge';
import { addressIn, type Party } from './support/party';
import { Range } from './support/range';
import { member, stranger } from './support/signers';

const duids = ['aa', 'bb', 'cc', 'dd'].map((last) => Buffer.from(`000300010200000000${last}`, 'hex'));
const names = {
  subject: 'CN=Host, O=Example',
  dns: ['host.example.net'],
  uri: ['https://host.example.net/'],
};

/** docs/protocol.md 8 on a real Kea: whose a Client Identifier is, and what a renewed certificate changes. */
describe('the binding of a Client Identifier to a key', () => {
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

  /** Asks for the holder's lease under another key. */
  const claim = (signer: Signer, { duid, address }: Party, type: number = MessageType.Renew): Buffer => {
    const question = range.good.question(type, address, duid);
    return new Queries(range.server).query(opening(question, { signer, credential: credentialOf(signer) }));
  };

  it('is made by the first that uses it, and no other key may use it then', async () => {
    const owner = await holder('fe80::1:1', duids[0]!, await member(range.authority, names));
    const strangers = [
      await member(range.authority),
      await member(range.authority, { ...names, dns: ['host2.example.net'] }),
      await member(range.authority, { ...names, subject: 'CN=Host' }),
      await member(range.authority, { ...names, subject: 'O=Example, CN=Host' }),
      await member(range.authority, { ...names, uri: [] }),
      await member(other, names),
      stranger(),
    ];
    for (const signer of strangers) {
      await range.refuses('client-identifier-bound', [claim(signer, owner, MessageType.Release)]);
    }
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

    expect(await range.leases()).toEqual(leases);
    await range.refuses('client-identifier-bound', [claim(await member(range.authority), owner)]);
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
      arguments: { key: { credential: 'certificate' } },
    });

    const renewed = await member(range.authority, { ...names, dns: ['host3.example.net'] });
    const successor = await range.party('fe80::5:2', renewed, owner.duid);
    await successor.authenticate('A');
    expect(await successor.lease()).toBe(owner.address);
  });

  it('does not move from or to a bare key', async () => {
    const owner = await holder('fe80::1:4', duids[3]!, stranger());
    await range.refuses('client-identifier-bound', [
      claim(await member(range.authority, names), owner),
      claim(stranger(), owner),
    ]);
    await owner.renew();
  });
});

describe('a key that has been silent for its lifetime', () => {
  /** Seconds. */
  const [lifetime, leap] = [600, 700] as const;
  const directory = TestDirectory.forAllTests();
  const sign = directory.file('sign');
  let range: Range;

  beforeAll(async () => {
    // Once the sign is there, the engine's clock is that much ahead.
    const program = directory.write(
      'clock.cjs',
      `const { existsSync } = require('node:fs');
      const { now } = Date;
      let ahead = 0;
      setInterval(() => (ahead = existsSync(${JSON.stringify(sign)}) ? ${leap * 1000} : 0), 20).unref();
      Date.now = () => now() + ahead;`,
    );
    const env = { NODE_OPTIONS: `--require ${program}` };
    range = await Range.open({ solution: 'A', parameters: { 'key-table': { lifetime } }, env });
  });

  afterAll(() => range.close());

  it('loses its Client Identifier to the next that uses it, and not before', async () => {
    const owner = await range.party('fe80::1:1', undefined, duids[0]);
    await owner.authenticate('A');
    await owner.lease();
    const next = await range.party('fe80::1:2', undefined, duids[0]);
    const { signer, sender } = next;
    const claim = (later: number): Buffer => {
      const proof = { signer, credential: credentialOf(signer), timestamp: timestamp(later) };
      return new Queries(range.server).query(opening(next.question(MessageType.Solicit), proof));
    };
    await range.refuses('client-identifier-bound', [claim(0)]);

    directory.write('sign', '');

    const answer = await until('the binding to end', async () => {
      const query = claim(leap);
      const dropped = totalDrops(await dropCounts(range.kea));
      const known = range.wire.received.length;
      await range.wire.send([query], sender);
      const outcome = await until('the query to be answered or dropped', async () => {
        const isDropped = totalDrops(await dropCounts(range.kea)) > dropped;
        return range.wire.answerTo(query, sender, known) ?? (isDropped && 'dropped');
      });
      return outcome !== 'dropped' && outcome;
    });
    expect(answer.readUInt8(0)).toBe(252);
  });
});
