// SPDX-License-Identifier: MPL-2.0
import {
  CLIENT_INTERFACE,
  type DaemonEvent,
  prefixOf,
  RunningClient,
  ServerPair,
  Site,
  until,
  type PairServer,
  type PairSettings,
} from '../support';

/** RFC 8415 section 18.2.12: a client that may be on another link rebinds its prefixes, with any server. */
describe('a client with a prefix, on a link with two servers', () => {
  const site = Site.forAllTests();
  let pair: ServerPair;
  let client: RunningClient;

  beforeAll(async () => {
    pair = await ServerPair.start(site, 'A');
    await pair.configure(pair.one, delegating(pair.one));
    await pair.configure(pair.two, { ...delegating(pair.two), preference: 255 });
    const arguments_ = await site.clientArguments('--no-address', '--prefix', '--verbose');
    client = RunningClient.start(pair.topology.client, arguments_);
  });

  function delegating({ name }: PairServer): PairSettings & { readonly subnet: object } {
    const prefix = name.startsWith('one') ? '2001:db8:1000::' : '2001:db8:2000::';
    return { subnet: { delegated: { prefix, length: 40, delegatedLength: 56 } } };
  }

  /** What the client makes of a link that was down; where it had not found both servers, of one that was down again. */
  async function afterLinkWasDown(isAwaited: (event: DaemonEvent) => boolean): Promise<DaemonEvent> {
    const { client: host } = pair.topology;
    const before = client.events.length;
    for (const state of ['down', 'up']) {
      const seen = client.events.length;
      await host.runOk('ip', ['link', 'set', CLIENT_INTERFACE, state]);
      await client.event('link', seen);
    }
    const end = await until('the client to rebind', () =>
      client.events.slice(before).find(({ type }) => type !== 'link' && type !== 'problem'),
    );
    return isAwaited(end) ? end : afterLinkWasDown(isAwaited);
  }

  it('keeps the prefix of its own server, whichever answers first', async () => {
    expect(prefixOf(await client.event('bound'))).toMatch(/^2001:db8:20/);
    expect(prefixOf(await afterLinkWasDown(({ type }) => type === 'rebound'))).toMatch(/^2001:db8:20/);
  });

  it('takes that of the other one where Kea says nothing to a Rebind: it has no subnet for this link', async () => {
    const { subnet } = delegating(pair.two);
    await pair.configure(pair.two, { subnet: { ...subnet, interface: 'lo' } });
    expect(prefixOf(await afterLinkWasDown(({ type }) => type === 'rebound'))).toMatch(/^2001:db8:10/);
  });
});
