// SPDX-License-Identifier: MPL-2.0
import { randomBytes } from 'node:crypto';
import { MessageType } from '../../../src/dhcpv6';
import { duidOf, OwnershipWorld, type Asked, type ShownLease } from '../attacks/support/ownership';
import { addressIn } from '../attacks/support/party';

const ADDRESS = '2001:db8:1::a0';

const own: Asked = { message: 'Request', duid: duidOf('D'), subnet: 'here', names: [ADDRESS] };
const other: Asked = { ...own, names: [] };

/** docs/protocol.md 8: who owns a lease stands in the lease, and goes where the lease goes. */
describe('the owner that stands in a lease', () => {
  let world: OwnershipWorld;

  beforeAll(async () => {
    world = await OwnershipWorld.open();
  });

  afterAll(() => world.close());

  beforeEach(() => world.wipe());

  async function lease(): Promise<ShownLease> {
    const [only, ...more] = await world.leases();
    expect(more).toEqual([]);
    return only!;
  }

  async function obtain(sender: string | null, asked = own): Promise<void> {
    const { answer } = await world.ask(sender, asked);
    expect(answer?.msgType).toBe(MessageType.Reply);
    expect(addressIn(answer!)).toBe(ADDRESS);
  }

  const noteOf = async (): Promise<unknown> => (await lease())['user-context']?.encryption;

  async function update(changes: object): Promise<void> {
    const { 'ip-address': address } = await lease();
    const common = { 'ip-address': address, duid: '00:03:00:01:c5:c1:57:6f:fa:dd', iaid: 7, 'subnet-id': 1 };
    expect(await world.kea.command('lease6-update', { ...common, ...changes })).toMatchObject({ result: 0 });
  }

  /** As if its valid lifetime were over. */
  async function expire(): Promise<void> {
    const before = await lease();
    await update({
      expire: Math.floor(Date.now() / 1000) - 10,
      'valid-lft': 100,
      'user-context': before['user-context'] ?? {},
    });
  }

  it('is short: a key, and what a renewed certificate has too', async () => {
    await obtain('one');
    const note = (await lease())['user-context']?.encryption;
    expect(note).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      identity: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    await obtain('one renewed', { ...own, message: 'Renew' });
    const renewed = (await lease())['user-context']?.encryption;
    expect(renewed?.identity).toBe(note?.identity);
    expect(renewed?.key).not.toBe(note?.key);
  });

  it('has no names where the key is bare', async () => {
    await obtain('bare', { ...own, duid: duidOf('derived of bare') });
    expect(await noteOf()).toMatchObject({ identity: '' });
  });

  it.each(['Renew', 'Rebind', 'Request'])('leaves alone what others have there: %s', async (message) => {
    await obtain('one');
    const { 'user-context': before } = await lease();
    const inventory = { shelf: 7 };
    await update({ 'user-context': { ...before, inventory } });
    await obtain('one renewed', { ...own, message });
    expect((await lease())['user-context']).toMatchObject({ inventory, encryption: expect.anything() });
  });

  it('is written too where Kea hands out again a lease that there is', async () => {
    const derived = { ...own, duid: duidOf('derived of one') };
    await obtain(null, derived);
    expect(await noteOf()).toBeUndefined();
    await obtain('one', derived);
    expect(await noteOf()).toBeDefined();
    await world.restart();
    expect(await noteOf()).toBeDefined();
    expect((await world.ask(null, { ...derived, names: [] })).drops).toEqual({ 'bound-duid': 1 });
  });

  it.each([
    ['restart', false],
    ['restart without any state', true],
  ])('holds after a %s', async (_what, isForgetful) => {
    await obtain('one');
    await world.restart(isForgetful);
    expect((await world.ask('two', other)).drops).toEqual({ 'identity-refused': 1 });
    expect((await world.ask(null, other)).drops).toEqual({ 'bound-duid': 1 });
    expect((await world.ask('two', { ...own, message: 'Release' })).isTold).toBe(true);
    await obtain('one', { ...own, message: 'Renew' });
  });

  it.each([
    ['another key', 'two', 'D'],
    ['somebody in clear', null, 'D'],
    ['another key under another DUID', 'two', 'E'],
    ['somebody in clear under another DUID', null, 'E'],
  ] as const)('goes with the lease, and is that of %s then', async (_who, next, duid) => {
    await obtain('one');
    const before = await noteOf();
    await expire();
    await obtain(next, { ...own, duid: duidOf(duid) });
    const after = await noteOf();
    expect(after).not.toEqual(before);
    expect(after === undefined).toBe(next === null);
  });

  it('ends with a lease that is deleted', async () => {
    await obtain('one');
    expect((await world.ask('two', other)).isTold).toBe(true);
    expect(await world.kea.command('lease6-del', { 'ip-address': ADDRESS })).toMatchObject({ result: 0 });
    await obtain('two');
  });

  it('is none of a declined address', async () => {
    await obtain('one');
    await world.ask('one', { ...own, message: 'Decline' });
    expect((await lease())['user-context']?.encryption).toBeUndefined();
  });
});

/** Kea takes one message of a client after the other, and the owner is looked for behind that lock. */
test('of two who ask for one DUID at the same moment, one gets it', async () => {
  const world = await OwnershipWorld.open([], {
    'multi-threading': { 'enable-multi-threading': true, 'thread-pool-size': 4, 'packet-queue-size': 64 },
  });
  try {
    for (let round = 0; round < 40; round += 1) {
      const duid = Buffer.concat([Buffer.from('00030001', 'hex'), randomBytes(6)]);
      const got = await world.contest('one', { ...other, duid });
      expect([got.key, got.clear].filter(Boolean)).toHaveLength(1);
    }
  } finally {
    await world.close();
  }
});
