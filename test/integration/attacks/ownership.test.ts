// SPDX-License-Identifier: MPL-2.0
import { duidOf, file, isNameless, OwnershipWorld, type OwnershipCase } from './support/ownership';

/** What the hook drops a message for by docs/protocol.md 8. */
const REASONS = ['bound-duid', 'leased-in-clear', 'identity-refused'];

/** Cases by the host reservations that they need. */
const groups = new Map<string, readonly OwnershipCase[]>();
for (const one of file.cases) {
  const key = JSON.stringify(one.reservations);
  groups.set(key, [...(groups.get(key) ?? []), one]);
}

/** docs/protocol.md 8 as a table (ownership.json), on a real Kea: who may use which DUID while a lease lives. */
describe.each([...groups])('the owner of a lease, host reservations %s:', (_key, cases) => {
  let world: OwnershipWorld;

  beforeAll(async () => {
    world = await OwnershipWorld.open(cases[0]!.reservations);
  });

  afterAll(() => world.close());

  it.each(cases)('$case', async ({ leases, sender, message, duid, subnet, names, served }) => {
    await world.wipe();
    for (const lease of leases) {
      await world.give(lease);
    }
    const before = await world.leases();
    const asked = { message, duid: duidOf(duid), subnet, names };
    const { isTold, isReported, drops, answer } = await world.ask(sender, asked);
    const refused = Object.keys(drops).filter((reason) => REASONS.includes(reason));
    if (served) {
      // A context has no place in a subnet of mode off, whoever sends.
      const isModeOff = sender !== null && subnet === 'off';
      expect({ isTold, drops }).toEqual({ isTold: false, drops: isModeOff ? { 'mode-off': 1 } : {} });
      return;
    }
    expect(await world.leases()).toEqual(before);
    if (sender !== null && isNameless(sender)) {
      expect({ isReported, drops }).toEqual({ isReported: true, drops: { 'authentication-fail': 1 } });
      return;
    }
    expect(drops).toEqual({ [refused[0] ?? 'none']: 1 });
    expect(isTold).toBe(sender !== null);
    expect(answer === undefined).toBe(sender === null);
  });
});

test('every case of the table is run', () => {
  expect([...groups.values()].flat()).toHaveLength(313);
});
