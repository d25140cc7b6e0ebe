// SPDX-License-Identifier: MPL-2.0

import { type Lease, MaxRt } from '../../../src/client';
import { MessageType, StatusCode } from '../../../src/dhcpv6';
import { type ClientUnderTest, leasedAddress, secretIaid, setUp } from '../support/client-set-up';
import { EngineServer } from '../support/engine-server';
import { type Gives, PlainKea } from '../support/plain-kea';

const { NoAddrsAvail, NoBinding, UnspecFail, UseMulticast, NotOnLink, Success } = StatusCode;
const { Request, Renew, Rebind, Release, Decline, Confirm, InformationRequest } = MessageType;
const identifier = Buffer.from('00030001000000000001', 'hex');

const servers: EngineServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(({ engine }) => engine.close()));
});

type Status = (number: number) => number | undefined;

interface UnderTest extends ClientUnderTest {
  /** How many messages of each type a Kea was asked, whatever carried them. */
  readonly asked: Map<number, number>;
}

/** A client and a server that answers messages of one type with a status, by how many it has had before. */
function given(
  solution: 'A' | 'B' | 'clear',
  msgType: number,
  status: Status,
  more: Partial<Gives> = {},
): UnderTest {
  const asked = new Map<number, number>();
  const gives: Gives = {
    address: leasedAddress,
    ...more,
    status: (type) => {
      const before = asked.get(type) ?? 0;
      asked.set(type, before + 1);
      return type === msgType ? status(before) : undefined;
    },
  };
  const client = solution === 'clear' ? inClear(gives) : encrypted(solution, gives);
  return { ...client, asked };
}

function inClear(gives: Gives): ClientUnderTest {
  const kea = new PlainKea(identifier, gives);
  const answer = (octets: Buffer): Promise<Buffer[]> =>
    Promise.resolve(octets[0]! < 200 ? [kea.answer(octets)] : []);
  return setUp({ opportunistic: true, answer, patience: 3000 });
}

function encrypted(solution: 'A' | 'B', gives: Gives): ClientUnderTest {
  const server = new EngineServer('server-P-256', identifier, { solution }, gives);
  servers.push(server);
  return setUp({ solution, answer: (octets, now) => server.answer(octets, now) });
}

describe.each(['A', 'B', 'clear'] as const)('RFC 8415 section 18.2.10, %s', (solution) => {
  const once =
    (code: number): Status =>
    (number) =>
      number === 0 ? code : undefined;

  test.each([
    ['renew', Renew],
    ['rebind', Rebind],
  ] as const)('UseMulticast: the %s goes again by multicast, as all do', async (name, type) => {
    const { client, asked } = given(solution, type, once(UseMulticast));
    const lease = await client.obtain();
    expect((await client[name](lease)).addresses).toHaveLength(1);
    expect(asked.get(type)).toBe(2);
  });

  test('UseMulticast: the Request goes again', async () => {
    const { client, asked } = given(solution, Request, once(UseMulticast));
    expect((await client.obtain()).addresses).toHaveLength(1);
    expect(asked.get(Request)).toBe(2);
  });

  test.each([
    ['release', Release, 4],
    ['decline', Decline, 5],
  ] as const)('UseMulticast: the %s goes as often as it may', async (name, type, count) => {
    const { client, asked } = given(solution, type, () => UseMulticast);
    expect(await client[name](await client.obtain())).toBe(false);
    expect(asked.get(type)).toBe(count);
  });

  test.each([
    ['release', Release],
    ['decline', Decline],
  ] as const)('UnspecFail: the %s is over, whatever the server says of it', async (name, type) => {
    const { client, asked } = given(solution, type, () => UnspecFail);
    expect(await client[name](await client.obtain())).toBe(true);
    expect(asked.get(type)).toBe(1);
  });

  test.each([
    ['renew', Renew],
    ['rebind', Rebind],
  ] as const)('UnspecFail: the %s fails, and says which server and which status', async (name, type) => {
    const { client, asked } = given(solution, type, () => UnspecFail);
    const lease = await client.obtain();
    await expect(client[name](lease)).rejects.toThrow(
      /server .* answered with status 1 \(UnspecFail\): as scripted/,
    );
    expect(asked.get(type)).toBe(1);
  });

  test.each([
    [Success, true],
    [NotOnLink, false],
  ])('a Confirm: status %d says %s', async (code, fits) => {
    const { client, asked } = given(solution, Confirm, () => code);
    expect(await client.confirm(await client.obtain())).toBe(fits);
    expect(asked.get(Confirm)).toBe(1);
  });

  test('a Confirm: UnspecFail says neither yes nor no', async () => {
    const later = given(solution, Confirm, once(UnspecFail));
    expect(await later.client.confirm(await later.client.obtain())).toBe(true);
    expect(later.asked.get(Confirm)).toBe(2);
    const never = given(solution, Confirm, () => UnspecFail);
    await expect(never.client.confirm(await never.client.obtain())).rejects.toThrow(
      /status 1 \(UnspecFail\)/,
    );
    expect(never.asked.get(Confirm)).toBeLessThanOrEqual(5);
  });

  test('an Information-request: UnspecFail gives no information', async () => {
    const later = given(solution, InformationRequest, once(UnspecFail));
    expect(await later.client.informationRequest()).toMatchObject({ addresses: [] });
    const never = given(solution, InformationRequest, () => UnspecFail);
    await expect(never.client.informationRequest()).rejects.toThrow(/status 1 \(UnspecFail\)/);
  });
});

describe.each(['A', 'B'] as const)('RFC 8415 section 18.2.10.1, %s', (solution) => {
  const says = (msgType: number, code: number): Gives => ({
    address: leasedAddress,
    associationStatus: (type) => (type === msgType ? code : undefined),
  });
  const renumbered = (lease: Lease): Lease => ({
    ...lease,
    addresses: lease.addresses.map((association) => ({ ...association, iaid: 0xbef04e })),
  });

  test('NoBinding: what the Request brings is taken, for an IAID of an earlier start as for its own', async () => {
    const { client } = encrypted(solution, says(Renew, NoBinding));
    const lease = await client.obtain();
    expect((await client.renew(lease)).addresses).toMatchObject([{ iaid: secretIaid, items: [{}] }]);
    expect((await client.renew(renumbered(lease))).addresses).toMatchObject([
      { iaid: 0xbef04e, items: [{}] },
    ]);
  });

  test.each([
    ['renew', Renew],
    ['rebind', Rebind],
  ] as const)('NoBinding to a %s, and a Request in vain: the lease is gone', async (name, asked) => {
    let isForgotten = false;
    const { client } = encrypted(solution, {
      address: leasedAddress,
      associationStatus: (type) =>
        type === asked ? NoBinding : type === Request && isForgotten ? NoAddrsAvail : undefined,
    });
    const lease = await client.obtain();
    isForgotten = true;
    await expect(client[name](lease)).rejects.toMatchObject({
      code: 'lease-ended',
      message: expect.stringMatching(/does not have the lease any more: .* has no address or prefix to give/),
    });
    if (name === 'rebind') {
      // Another server has never had it.
      const elsewhere = { ...lease, serverIdentifier: '00030001000000000002' };
      await expect(client.rebind(elsewhere)).rejects.toMatchObject({ code: 'no-usable-configuration' });
    }
  });

  test.each([
    ['renew', Renew],
    ['rebind', Rebind],
  ] as const)('a %s that extends nothing has failed', async (name, type) => {
    const { client } = encrypted(solution, says(type, UnspecFail));
    const lease = await client.obtain();
    await expect(client[name](lease)).rejects.toThrow('has extended nothing');
  });
});

describe.each(['A', 'B', 'clear'] as const)('RFC 8415 sections 21.24 and 21.25, %s', (solution) => {
  const learnt = async (gives: Gives): Promise<MaxRt> => {
    const maxRt = new MaxRt();
    const kea = new PlainKea(identifier, gives);
    const server = new EngineServer(
      'server-P-256',
      identifier,
      { solution: solution === 'B' ? 'B' : 'A' },
      gives,
    );
    servers.push(server);
    const { client } = setUp({
      ...(solution === 'clear'
        ? {
            opportunistic: true,
            answer: (octets) => Promise.resolve(octets[0]! < 200 ? [kea.answer(octets)] : []),
          }
        : { solution, answer: (octets, now) => server.answer(octets, now) }),
      patience: 3000,
      maxRt,
    });
    await client.obtain().catch(() => undefined);
    return maxRt;
  };

  test.each([
    [60, 60],
    [86_400, 86_400],
    [59, 3600],
    [86_401, 3600],
    [0, 3600],
  ])('%d is %d, of an Advertise with an address and without', async (asked, taken) => {
    for (const address of [leasedAddress, undefined]) {
      expect(await learnt({ address, solMaxRt: asked, infMaxRt: asked })).toEqual({
        solicit: taken,
        informationRequest: taken,
      });
    }
  });
});
