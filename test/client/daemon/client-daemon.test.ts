// SPDX-License-Identifier: MPL-2.0

import { ClientError, type Credentials, type Lease, type LeaseClient, MaxRt } from '../../../src/client';
import { DaemonUnderTest, leaseOf, transport } from './support/daemon-set-up';

const INFINITY = 0xffffffff;
const running: DaemonUnderTest[] = [];

function run(...args: ConstructorParameters<typeof DaemonUnderTest>): DaemonUnderTest {
  const made = new DaemonUnderTest(...args);
  running.push(made);
  return made;
}

afterEach(async () => {
  for (const one of running.splice(0)) {
    one.stop.abort();
    await one.environment.pass(60);
    await one.ended;
  }
});

test('18.2.1: the first message waits for a random part of a second', async () => {
  const client = run((_, now) => leaseOf({}, now));
  await client.environment.pass(0.49);
  expect(client.asked).toEqual([]);
  await client.environment.pass(0.02);
  expect(client.asked).toEqual([['obtain', 0.5]]);
  expect(client.types()).toEqual(['started', 'bound']);
});

test('18.2.4: renews at T1, and each renewal begins the times anew', async () => {
  const client = run((_, now) => leaseOf({}, now));
  await client.environment.pass(101);
  expect(client.asked).toEqual([
    ['obtain', 0.5],
    ['renew', 50.5],
    ['renew', 100.5],
  ]);
  expect(client.types()).toEqual(['started', 'bound', 'renewed', 'renewed']);
});

test('18.2.5: rebinds at T2 where the server is silent', async () => {
  const client = run((exchange, now) => (exchange === 'renew' ? 'silence' : leaseOf({}, now)));
  await client.environment.pass(81);
  expect(client.asked.slice(1)).toEqual([
    ['renew', 50.5],
    ['rebind', 80.5],
  ]);
  expect(client.types()).toEqual(['started', 'bound', 'rebound']);
});

test('18.2.5: starts anew when the last valid lifetime ends', async () => {
  const client = run((exchange, now) => (exchange === 'obtain' ? leaseOf({}, now) : 'silence'));
  await client.environment.pass(101.1);
  expect(client.types()).toEqual(['started', 'bound', 'lost expired', 'bound']);
  expect(client.stored[1]).toBeUndefined();
  expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'renew', 'rebind', 'obtain']);
});

describe('18.2.10.1: of a lease whose address ends before its prefix', () => {
  const uneven = (now: number, t1 = 50): Lease => ({
    ...leaseOf({ prefix: true, t1, t2: 80 }, now),
    addresses: leaseOf({ t1: 0, t2: 0, preferred: INFINITY, valid: 30 }, now).addresses,
  });
  const prefixOnly = {
    addresses: [],
    prefixes: [{ items: [{ prefix: '2001:db8:1::/56', validLifetime: 70 }] }],
  };

  test('the address is lost on its day, and asked for again with the prefix', async () => {
    const about: (Lease | undefined)[] = [];
    const client = run((exchange, now, lease) => {
      about.push(lease);
      return exchange === 'obtain' ? uneven(now) : leaseOf({ prefix: true }, now);
    });
    await client.environment.pass(30.4);
    expect(client.types()).toEqual(['started', 'bound']);
    await client.environment.pass(0.2);
    expect(client.types()).toEqual(['started', 'bound', 'lost expired']);
    expect(client.events.at(-1)).toMatchObject({ lease: prefixOnly });
    expect(client.stored.at(-1)).toMatchObject(prefixOnly);
    await client.environment.pass(20);
    expect(client.asked.at(-1)).toEqual(['renew', 50.5]);
    expect(about.at(-1)).toMatchObject({ addresses: [] });
  });

  test('so it is while no server answers a Renew, and while the link is down', async () => {
    for (const isLinkUp of [true, false]) {
      const client = run((exchange, now) => (exchange === 'obtain' ? uneven(now, 20) : 'silence'));
      await client.environment.pass(25);
      client.isLinkUp = isLinkUp;
      await client.environment.pass(6);
      expect(client.types().filter((type) => type !== 'link')).toEqual(['started', 'bound', 'lost expired']);
      expect(client.events.at(-1)).toMatchObject({ lease: prefixOnly });
      await client.environment.pass(71);
      expect(client.types().filter((type) => type === 'lost expired')).toHaveLength(2);
    }
  });
});

test('14.1: a Renew that fails at once is not repeated at once', async () => {
  const client = run((exchange, now) => (exchange === 'renew' ? 'refused' : leaseOf({}, now)));
  await client.environment.pass(79);
  // IRT is 10 s, doubled after each: section 18.2.4.
  expect(client.asked.slice(1)).toEqual([
    ['renew', 50.5],
    ['renew', 60.5],
  ]);
});

test('18.2.9: without an offer the wait between attempts doubles', async () => {
  const client = run(() => 'no-usable-configuration');
  await client.environment.pass(20);
  const times = client.asked.map(([, time]) => time);
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(waits.length).toBeGreaterThan(2);
  waits.slice(1).forEach((wait, index) => {
    expect(wait / (waits[index] ?? 0)).toBeCloseTo(2, 1);
  });
});

test.each([
  [false, 'obtain', 'solicit'],
  [true, 'informationRequest', 'informationRequest'],
] as const)(
  '21.24, 21.25: a maximum that a server has overridden counts from then on; stateless %s',
  async (stateless, exchange, maximum) => {
    const maxRt = new MaxRt();
    const client = run(
      () => {
        maxRt[maximum] = 60;
        return 'no-usable-configuration';
      },
      { maxRt, stateless },
    );
    await client.environment.pass(1000);
    const times = client.asked.map(([, time]) => time);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(new Set(client.asked.map(([name]) => name))).toEqual(new Set([exchange]));
    expect(Math.max(...waits)).toBe(60);
    expect(waits.filter((wait) => wait === 60).length).toBeGreaterThan(10);
  },
);

test('18.2.10.1: a lease that the server has ended is lost at once, and another one is got', async () => {
  const client = run((exchange, now) => (exchange === 'renew' ? 'lease-ended' : leaseOf({}, now)));
  await client.environment.pass(52);
  expect(client.types()).toEqual(['started', 'bound', 'problem', 'lost refused', 'bound']);
  expect(client.stored[1]).toBeUndefined();
});

test('18.2.10: UnspecFail to every Renew and Rebind loses the lease at its end only; then it is asked for at once', async () => {
  const client = run((exchange, now) => (exchange === 'obtain' ? leaseOf({}, now) : 'refused'));
  await client.environment.pass(102);
  expect(client.asked.map(([name]) => name)).toEqual([
    ...['obtain', 'renew', 'renew', 'rebind', 'rebind', 'obtain'],
  ]);
  expect(client.types().filter((type) => type !== 'problem')).toEqual([
    ...['started', 'bound', 'lost expired', 'bound'],
  ]);
  expect(client.asked.at(-1)?.[1]).toBeCloseTo(101, 0);
});

test('21.4: T1 and T2 of 0 leave the choice to the client; infinity is never renewed', async () => {
  const free = run((_, now) => leaseOf({ t1: 0, t2: 0, preferred: 40 }, now));
  await free.environment.pass(21);
  expect(free.asked).toEqual([
    ['obtain', 0.5],
    ['renew', 20.5],
  ]);
  const endless = { t1: INFINITY, t2: INFINITY, preferred: INFINITY, valid: INFINITY };
  const lasting = run((_, now) => leaseOf(endless, now));
  await lasting.environment.pass(100_000);
  expect(lasting.asked).toHaveLength(1);
});

describe('18.2.12: a lease from before', () => {
  const old = (times: Parameters<typeof leaseOf>[0]): ReturnType<typeof leaseOf> =>
    leaseOf(times, Date.UTC(2026, 0, 1) - 20_000);

  test('is confirmed if it has addresses only, and keeps its age', async () => {
    const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)), {
      kept: old({}),
    });
    await client.environment.pass(31);
    expect(client.asked.map(([name]) => name)).toEqual(['confirm', 'renew']);
    expect(client.asked[1]?.[1]).toBe(30);
    expect(client.types()).toEqual(['started', 'confirmed', 'renewed']);
  });

  test('of a time to come is not used, which is said', async () => {
    const kept = leaseOf({}, Date.UTC(2026, 0, 1) + 200_000);
    const client = run((_, now) => leaseOf({}, now), { kept });
    await client.environment.pass(1);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain']);
    expect(client.events[1]).toMatchObject({
      type: 'problem',
      code: 'lease-file',
      message: expect.stringMatching(
        /^the kept lease is not used: it was obtained at 2026-01-01T00:03:20.000Z, and /,
      ),
    });
  });

  test('is rebound where it has prefixes', async () => {
    const client = run((_, now) => leaseOf({ prefix: true }, now), { kept: old({ prefix: true }) });
    await client.environment.pass(1);
    expect(client.asked.map(([name]) => name)).toEqual(['rebind']);
  });

  test('is given up where a server says that it is not on this link', async () => {
    const client = run((exchange, now) => (exchange === 'confirm' ? false : leaseOf({}, now)), {
      kept: old({}),
    });
    await client.environment.pass(1);
    expect(client.types()).toEqual(['started', 'lost not-on-link', 'bound']);
  });

  test.each([true, false])(
    'stays in use where the server could not tell (UnspecFail); with a prefix: %s',
    async (prefix) => {
      const client = run(() => 'refused', { kept: old({ prefix }) });
      await client.environment.pass(1);
      expect(client.types()).toEqual(['started', 'problem', 'confirmed']);
    },
  );

  test('is given up where the answer to a Rebind leaves nothing of it', async () => {
    const client = run((exchange, now) => (exchange === 'rebind' ? 'lease-ended' : leaseOf({}, now)), {
      kept: old({ prefix: true }),
    });
    await client.environment.pass(1);
    expect(client.types()).toEqual(['started', 'lost not-on-link', 'bound']);
  });

  test('stays in use if no server answers', async () => {
    const client = run(() => 'silence', { kept: old({}) });
    await client.environment.pass(21);
    expect(client.types()).toEqual(['started', 'confirmed']);
  });

  test('is renewed at once where its T1 has passed, however long its lifetimes are', async () => {
    const kept = old({ t1: 10, t2: 1000, preferred: INFINITY, valid: INFINITY });
    const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)), { kept });
    await client.environment.pass(2);
    expect(client.types()).toEqual(['started', 'confirmed', 'renewed']);
  });

  test('leaves the choice to the client where its server has done so', async () => {
    const kept = old({ t1: 0, t2: 0 });
    const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)), { kept });
    await client.environment.pass(27);
    expect(client.types()).toEqual(['started', 'confirmed']);
    await client.environment.pass(1);
    expect(client.types()).toEqual(['started', 'confirmed', 'renewed']);
  });

  test('is of no use once it is over', async () => {
    const client = run((_, now) => leaseOf({}, now), {
      kept: old({ valid: 20, preferred: 10, t1: 5, t2: 8 }),
    });
    await client.environment.pass(1);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain']);
  });
});

test('18.2.3: after the link was down, and after a sleep, the lease is confirmed', async () => {
  const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)));
  await client.environment.pass(2);
  client.isLinkUp = false;
  await client.environment.pass(2);
  expect(client.asked).toHaveLength(1);
  client.isLinkUp = true;
  await client.environment.pass(2);
  client.environment.sleep(10);
  await client.environment.pass(2);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'link', 'confirmed', 'link', 'confirmed']);
});

test('an interface made anew between two looks was away, and its transport goes with it', async () => {
  const opened: number[] = [];
  const closed: unknown[] = [];
  const client: DaemonUnderTest = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)), {
    openTransport: () => {
      const { interfaceIndex } = client;
      opened.push(interfaceIndex);
      const close = (): Promise<void> => Promise.resolve(void closed.push(interfaceIndex));
      return Promise.resolve({ ...transport, close });
    },
  });
  await client.environment.pass(2);
  client.interfaceIndex = 7;
  await client.environment.pass(2);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'link', 'confirmed']);
  expect(client.events.flatMap((event) => (event.type === 'link' ? [event.up] : []))).toEqual([false, true]);
  expect([opened, closed]).toEqual([[2, 7], [2]]);
  await client.environment.pass(10);
  expect(client.types()).toHaveLength(5);
});

test('another link-local address is another link: the transport, and what was known of the link, go with it (4.1)', async () => {
  let forgotten = 0;
  const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)), {
    forgetLink: () => {
      forgotten += 1;
    },
  });
  await client.environment.pass(2);
  // None for a while is no other one.
  client.linkLocalAddress = undefined;
  await client.environment.pass(2);
  client.linkLocalAddress = 'fe80::1';
  await client.environment.pass(2);
  expect([client.types(), forgotten]).toEqual([['started', 'bound'], 0]);
  client.linkLocalAddress = 'fe80::2';
  await client.environment.pass(2);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'link', 'confirmed']);
  expect(forgotten).toBeGreaterThan(0);
});

test.each(['renew', 'confirm'] as const)(
  'a server that takes its DUID for that of another client: the lease is lost at the %s, and it begins anew (8)',
  async (refused) => {
    let refusals = 0;
    const client = run(
      (exchange, now) =>
        exchange === refused && (refusals += 1) === 1 ? 'identity-refused' : leaseOf({}, now),
      refused === 'confirm' ? { kept: leaseOf({}, Date.UTC(2026, 0, 1)) } : {},
    );
    await client.environment.pass(60);
    const types = client.types();
    expect(types.filter((type) => type === 'lost refused')).toHaveLength(1);
    expect(types.at(types.indexOf('lost refused') + 1)).toBe('bound');
    expect(client.asked.map(([name]) => name)).toContain('obtain');
  },
);

test('what may not be put on a host is reported, and the rest of the lease is kept', async () => {
  const client = run((_, now) => leaseOf({ address: 'fe80::1', prefix: true }, now));
  await client.environment.pass(2);
  expect(client.types()).toEqual(['started', 'bound', 'problem']);
  expect(client.events.at(-1)).toMatchObject({
    code: 'not-applicable',
    message:
      'the address fe80::1 is a link-local address: it is not put on this host (the server CN=dhcp gave it)',
  });
});

test('18.2.3: what is confirmed has the lifetimes that are left, and its times stay', async () => {
  const client = run((exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)));
  await client.environment.pass(10.6);
  client.environment.sleep(20);
  await client.environment.pass(2);
  expect(client.events.at(-1)).toMatchObject({
    type: 'confirmed',
    lease: { addresses: [{ items: [{ preferredLifetime: 44, validLifetime: 69 }] }] },
  });
  await client.environment.pass(18);
  expect(client.asked.at(-1)).toEqual(['renew', 50.5]);
});

test('a link that is down at the start is reported, and nothing is sent before it is up', async () => {
  let isUp = false;
  const client = run((_, now) => leaseOf({}, now), { link: () => Promise.resolve({ index: 2, isUp }) });
  await client.environment.pass(5);
  expect(client.types()).toEqual(['started', 'link']);
  expect(client.events.at(-1)).toMatchObject({ up: false });
  expect(client.asked).toEqual([]);
  isUp = true;
  await client.environment.pass(3);
  expect(client.types()).toEqual(['started', 'link', 'link', 'bound']);
});

test('18.2.3: a lease that has run out during a sleep is gone', async () => {
  const client = run((exchange, now) => (exchange === 'obtain' ? leaseOf({}, now) : true));
  await client.environment.pass(2);
  client.environment.sleep(1000);
  await client.environment.pass(3);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'lost expired', 'bound']);
});

test('18.2.3: a lease that expires while no server answers the Confirm is lost', async () => {
  const client = run((exchange, now) => (exchange === 'obtain' ? leaseOf({}, now) : 'silence'));
  await client.environment.pass(2);
  client.environment.sleep(90);
  await client.environment.pass(10);
  expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'confirm', 'obtain']);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'lost expired', 'bound']);
});

test('18.2.8: an address of another host is declined once it is out of use, and a new lease is got', async () => {
  const declined: string[] = [];
  const client = run((exchange, now, lease) => {
    if (exchange === 'decline') {
      declined.push(...(lease?.addresses ?? []).flatMap(({ items }) => items.map(({ address }) => address)));
      expect(client.types().at(-1)).toBe('lost declined');
      return true;
    }
    return leaseOf({ address: declined.length > 0 ? '2001:db8::2' : '2001:db8::1' }, now);
  });
  await client.environment.pass(1);
  client.daemon.conflict(['2001:db8::1']);
  await client.environment.pass(2);
  expect(declined).toEqual(['2001:db8::1']);
  expect(client.types()).toEqual(['started', 'bound', 'lost declined', 'bound']);
  client.daemon.conflict(['2001:db8::dead']);
  await client.environment.pass(1);
  expect(client.types()).toHaveLength(4);
});

test('18.2.8: a prefix stays when an address is declined, and its server is asked for another address', async () => {
  const client = run((exchange, now, lease) =>
    exchange === 'renew' && lease?.addresses.length === 0
      ? leaseOf({ prefix: true, address: '2001:db8::2' }, now)
      : exchange === 'decline' || leaseOf({ prefix: true }, now),
  );
  await client.environment.pass(1);
  client.daemon.conflict(['2001:db8::1']);
  await client.environment.pass(2);
  expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'decline', 'renew']);
  expect(client.types()).toEqual(['started', 'bound', 'lost declined', 'renewed']);
});

test.each([false, true])(
  '14.1: after three conflicts in a row there are ten seconds between two; prefix %s',
  async (prefix) => {
    const client = run((exchange, now) => exchange === 'decline' || leaseOf({ prefix }, now));
    await client.environment.pass(1);
    for (let count = 0; count < 4; count += 1) {
      client.daemon.conflict(['2001:db8::1']);
      await client.environment.pass(1);
    }
    const replacing = prefix ? 'renewed' : 'bound';
    const conflict = ['lost declined', replacing];
    expect(client.types()).toEqual([
      'started',
      'bound',
      ...conflict,
      ...conflict,
      ...conflict,
      'lost declined',
    ]);
    await client.environment.pass(10);
    expect(client.types().at(-1)).toBe(replacing);

    client.daemon.renew();
    await client.environment.pass(1);
    client.daemon.conflict(['2001:db8::1']);
    await client.environment.pass(1);
    expect(client.types().slice(-3)).toEqual(['renewed', ...conflict]);
  },
);

test.each([
  [true, ['lost released', 'stopped'], ['obtain', 'release']],
  [false, ['stopped'], ['obtain']],
])('18.2.7: at the end, release %s', async (releaseOnStop, last, asked) => {
  const client = run((exchange, now) => (exchange === 'release' ? true : leaseOf({}, now)), {
    releaseOnStop,
  });
  await client.environment.pass(1);
  client.stop.abort();
  await client.environment.pass(1);
  await client.ended;
  expect(client.types()).toEqual(['started', 'bound', ...last]);
  expect(client.asked.map(([name]) => name)).toEqual(asked);
});

test('release waits for renew, which gets a lease; in between nothing is sent', async () => {
  const client = run((exchange, now) => (exchange === 'release' ? true : leaseOf({}, now)));
  await client.environment.pass(1);
  client.daemon.release();
  await client.environment.pass(500);
  expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'release']);
  client.daemon.renew();
  await client.environment.pass(1);
  expect(client.types()).toEqual(['started', 'bound', 'lost released', 'bound']);
});

test('a lease in clear is replaced by an encrypted one as soon as there is a server for it', async () => {
  const client = run((exchange, now) => (exchange === 'renew' ? 'encryption-available' : leaseOf({}, now)));
  await client.environment.pass(52);
  expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'renew', 'obtain']);
  expect(client.types()).toEqual(['started', 'bound', 'problem', 'bound']);
});

test('18.2.6, 21.23: information is asked for again when it is a day old, and not before ten minutes', async () => {
  const refresh = { seconds: undefined as number | undefined };
  const client = run(
    (_, now) => {
      const lease = leaseOf({}, now);
      const configuration = { ...lease.configuration, informationRefreshTime: refresh.seconds };
      return { ...lease, addresses: [], configuration };
    },
    { stateless: true },
  );
  await client.environment.pass(1);
  refresh.seconds = 5;
  await client.environment.pass(86_402);
  await client.environment.pass(602);
  const times = client.asked.map(([, time]) => Math.round(time));
  expect(times[1]).toBe(86_401);
  expect(times[2]).toBe(87_002);
});

test('18.2.6: information is asked for again at will, and after the link was down', async () => {
  const client = run((_, now) => ({ ...leaseOf({}, now), addresses: [] }), { stateless: true });
  await client.environment.pass(1);
  client.daemon.renew();
  await client.environment.pass(1);
  client.isLinkUp = false;
  await client.environment.pass(2);
  client.isLinkUp = true;
  await client.environment.pass(3);
  expect(client.asked.map(([name]) => name)).toEqual(Array(3).fill('informationRequest'));
  expect(client.types()).toEqual(['started', 'informed', 'informed', 'link', 'link', 'informed']);
});

test('gives up at the start if configured so, and never once it has had a lease', async () => {
  const hopeless = run(() => 'no-server', { giveUpAfter: 10_000 });
  await hopeless.environment.pass(40);
  await expect(hopeless.ended).resolves.toMatchObject({ code: 'no-server' });
  const lucky = run(
    (exchange, now) =>
      lucky.asked.length === 1 ? leaseOf({}, now) : exchange === 'release' ? true : 'no-server',
    {
      giveUpAfter: 10_000,
    },
  );
  await lucky.environment.pass(400);
  expect(lucky.types()).toContain('lost expired');
  expect(lucky.types()).not.toContain('stopped');
});

test.each([
  ['an exchange that takes longer is bounded by what is left', Infinity],
  ['the wait for the next attempt ends then too', 1],
])('gives up at the configured moment, and says why: %s', async (_, takes) => {
  const limits: number[] = [];
  const client = run(() => 'silence', {
    giveUpAfter: 10_000,
    stateless: true,
    createClient: (_transport, _signal, limit) => {
      limits.push(limit);
      const informationRequest = (): Promise<never> =>
        new Promise((_resolve, reject) => {
          const why = new ClientError('no-usable-configuration', 'nothing to give');
          client.environment.timer(Math.min(takes, limit), () => reject(why));
        });
      return { informationRequest } as unknown as LeaseClient;
    },
  });
  await client.environment.pass(9.9);
  expect(client.types()).not.toContain('stopped');
  expect(limits[0]).toBeLessThan(10_000);
  await client.environment.pass(0.2);
  await expect(client.ended).resolves.toMatchObject({ code: 'no-usable-configuration' });
});

describe('an interface that is not there', () => {
  const down = { link: () => Promise.resolve(undefined) };
  const absent = { isInterface: () => Promise.resolve(false) };

  test('is reported once, and the client waits for it', async () => {
    let isUp = false;
    const client = run((_, now) => leaseOf({}, now), {
      ...absent,
      link: () => Promise.resolve({ index: 2, isUp }),
    });
    await client.environment.pass(600);
    expect(client.types()).toEqual(['started', 'link', 'problem']);
    expect(client.events.at(-1)).toMatchObject({
      code: 'interface-unusable',
      message: 'there is no interface "eth0": the client waits for it',
    });
    isUp = true;
    await client.environment.pass(3);
    expect(client.types().slice(3)).toEqual(['link', 'bound']);
  });

  test.each([
    ['there is no interface "eth0"', { ...down, ...absent }],
    ['the interface eth0 has no link', down],
  ])('ends a client that is to give up: %s', async (message, options) => {
    const client = run((_, now) => leaseOf({}, now), { ...options, giveUpAfter: 10_000 });
    await client.environment.pass(9.9);
    expect(client.types()).not.toContain('stopped');
    await client.environment.pass(0.2);
    await expect(client.ended).resolves.toMatchObject({ code: 'interface-unusable', message });
  });

  test('does not end one that has had a lease', async () => {
    const client = run((_, now) => leaseOf({}, now), { ...absent, giveUpAfter: 10_000 });
    await client.environment.pass(5);
    client.isLinkUp = false;
    await client.environment.pass(200);
    expect(client.types()).toEqual(['started', 'bound', 'link', 'problem', 'lost expired']);
    client.isLinkUp = true;
    await client.environment.pass(5);
    expect(client.types().slice(-2)).toEqual(['link', 'bound']);
  });
});

describe('other credentials', () => {
  /** They keep after how many exchanges they were adopted. */
  function credentials(client: DaemonUnderTest, isAnother: boolean): Credentials & { adopted: number[] } {
    const adopted: number[] = [];
    return { adopted, hasAnotherDuid: () => isAnother, adopt: () => adopted.push(client.asked.length) };
  }

  test('of the same DUID leave the lease as it is', async () => {
    const client = run((_, now) => leaseOf({}, now));
    await client.environment.pass(10);
    const change = credentials(client, false);
    client.daemon.change(change);
    await client.environment.pass(30);
    expect(change.adopted).toEqual([1]);
    expect(client.types()).toEqual(['started', 'bound']);
    await client.environment.pass(11);
    expect(client.asked.at(-1)).toEqual(['renew', 50.5]);
  });

  test('of another DUID: the lease is given back with the old ones, and another is got', async () => {
    const client = run((exchange, now) => (exchange === 'release' ? true : leaseOf({}, now)));
    await client.environment.pass(10);
    const change = credentials(client, true);
    client.daemon.change(change);
    await client.environment.pass(2);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'release', 'obtain']);
    expect(change.adopted).toEqual([2]);
    expect(client.types()).toEqual(['started', 'bound', 'lost forgotten', 'bound']);
  });

  test('wait, as a Renew and the end do, until the lease is given back; on another link it cannot be', async () => {
    // The server does not answer a Release, which has its 20 seconds.
    const client = run((exchange, now) => (exchange === 'release' ? 'silence' : leaseOf({}, now)));
    await client.environment.pass(10);
    client.daemon.change(credentials(client, true));
    client.daemon.renew();
    await client.environment.pass(19);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'release']);
    await client.environment.pass(3);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'release', 'obtain']);
    client.daemon.release();
    await client.environment.pass(2);
    expect(client.asked.at(-1)?.[0]).toBe('release');
    client.isLinkUp = false;
    await client.environment.pass(10);
    client.daemon.renew();
    client.isLinkUp = true;
    await client.environment.pass(10);
    expect(client.asked.at(-1)?.[0]).toBe('obtain');
  });

  test('of another DUID do not end a lease in clear, which has one of its own', async () => {
    const client = run((_, now) => ({ ...leaseOf({}, now), encrypted: false }));
    await client.environment.pass(10);
    client.daemon.change(credentials(client, true));
    await client.environment.pass(2);
    expect(client.types()).toEqual(['started', 'bound']);
  });

  test('are used at once by a client that looks for a server, or for an answer to its Renew', async () => {
    const client = run((exchange, now) =>
      client.asked.length === 2 ? leaseOf({}, now) : exchange === 'release' ? true : 'silence',
    );
    await client.environment.pass(10);
    client.daemon.change(credentials(client, false));
    await client.environment.pass(1);
    expect(client.types()).toEqual(['started', 'bound']);
    await client.environment.pass(55);
    client.daemon.change(credentials(client, false));
    await client.environment.pass(1);
    expect(client.asked.map(([name]) => name)).toEqual(['obtain', 'obtain', 'renew', 'renew']);
  });

  test('have information asked for anew, and change nothing of a client that waits', async () => {
    const client = run((_, now) => ({ ...leaseOf({}, now), addresses: [] }), { stateless: true });
    await client.environment.pass(5);
    client.daemon.change(credentials(client, true));
    await client.environment.pass(2);
    expect(client.types()).toEqual(['started', 'informed', 'informed']);
    client.daemon.release();
    await client.environment.pass(2);
    const change = credentials(client, false);
    client.daemon.change(change);
    await client.environment.pass(60);
    expect(change.adopted).toEqual([2]);
    expect(client.asked).toHaveLength(2);
  });
});
