// SPDX-License-Identifier: MPL-2.0

import type { Lease } from '../../../src/client';
import { type Answer, DaemonUnderTest, leaseOf } from './support/daemon-set-up';

/** RFC 7844 section 4, for the client daemon: what happens at each exchange, and which identity the client has then. */
class Anonymous {
  identities = 0;
  readonly askedAs: string[] = [];
  readonly client: DaemonUnderTest;

  constructor(
    answer: (exchange: string, now: number, lease: Lease | undefined) => Answer,
    options: { readonly kept?: Lease; readonly stateless?: boolean } = {},
    isAnonymous = true,
  ) {
    this.client = new DaemonUnderTest(
      (exchange, now, lease) => {
        this.askedAs.push(`${exchange} ${this.identities}`);
        return answer(exchange, now, lease);
      },
      { ...options, ...(isAnonymous && { newIdentity: () => (this.identities += 1) }) },
    );
  }
}

const running: Anonymous[] = [];

function run(...args: ConstructorParameters<typeof Anonymous>): Anonymous {
  const made = new Anonymous(...args);
  running.push(made);
  return made;
}

afterEach(async () => {
  for (const { client } of running.splice(0)) {
    client.stop.abort();
    await client.environment.pass(60);
    await client.ended;
  }
});

const give = (_: string, now: number): Answer => leaseOf({}, now);

test('one lease is got, renewed and released by one client; the next one is another', async () => {
  const { client, askedAs } = run((exchange, now) => (exchange === 'release' ? true : leaseOf({}, now)));
  await client.environment.pass(51);
  client.daemon.release();
  await client.environment.pass(1);
  client.daemon.renew();
  await client.environment.pass(2);
  expect(askedAs).toEqual(['obtain 1', 'renew 1', 'release 1', 'obtain 2']);
});

test('attempts at one lease are one client; a lease that is lost and the next one are two', async () => {
  let attempts = 0;
  const { client, askedAs } = run((exchange, now) => {
    attempts += 1;
    return exchange === 'obtain' && attempts > 2 ? leaseOf({}, now) : attempts < 3 ? 'no-server' : 'silence';
  });
  await client.environment.pass(110);
  expect(askedAs).toEqual(['obtain 1', 'obtain 1', 'obtain 1', 'renew 1', 'rebind 1', 'obtain 2']);
});

test('when the link goes the lease is forgotten, and never confirmed, rebound or released on the next one', async () => {
  const { client, askedAs } = run(give);
  await client.environment.pass(2);
  client.isLinkUp = false;
  await client.environment.pass(2);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'lost forgotten']);
  client.isLinkUp = true;
  await client.environment.pass(4);
  expect(client.types().slice(4)).toEqual(['link', 'bound']);
  expect(askedAs).toEqual(['obtain 1', 'obtain 2']);
});

test('a machine that slept may be elsewhere', async () => {
  const { client, askedAs } = run(give);
  await client.environment.pass(2);
  client.environment.sleep(30);
  await client.environment.pass(4);
  expect(client.types()).toEqual(['started', 'bound', 'link', 'lost forgotten', 'bound']);
  expect(askedAs).toEqual(['obtain 1', 'obtain 2']);
});

test('a kept lease is left alone', async () => {
  const { client, askedAs } = run(give, { kept: leaseOf({}, Date.UTC(2026, 0, 1)) });
  await client.environment.pass(2);
  expect(askedAs).toEqual(['obtain 1']);
});

test('each Information-request is of another client', async () => {
  const informed = (_: string, now: number): Answer => {
    const lease = leaseOf({}, now);
    return {
      ...lease,
      addresses: [],
      configuration: { ...lease.configuration, informationRefreshTime: 600 },
    };
  };
  const { client, askedAs } = run(informed, { stateless: true });
  await client.environment.pass(700);
  expect(askedAs).toEqual(['informationRequest 1', 'informationRequest 2']);
});

test('a client that is not anonymous confirms the lease that it has kept, and after the link was down', async () => {
  const { client, askedAs } = run(
    (exchange, now) => (exchange === 'confirm' ? true : leaseOf({}, now)),
    { kept: leaseOf({}, Date.UTC(2026, 0, 1)) },
    false,
  );
  await client.environment.pass(2);
  client.isLinkUp = false;
  await client.environment.pass(2);
  client.isLinkUp = true;
  await client.environment.pass(4);
  expect(askedAs).toEqual(['confirm 0', 'confirm 0']);
  expect(client.types().filter((type) => type.startsWith('lost'))).toEqual([]);
});
