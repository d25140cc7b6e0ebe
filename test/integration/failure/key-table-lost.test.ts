// SPDX-License-Identifier: MPL-2.0
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageType } from '../../../src/dhcpv6';
import { addressIn, KnownServer, Party } from '../attacks/support/party';
import { whatIsTold } from '../attacks/support/range';
import { member } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  dropCounts,
  dropsDuring,
  exchangeOk,
  leaseOk,
  SERVER_NAME,
  Site,
  type CredentialFiles,
  type KeaServer,
} from '../support';

/** docs/protocol.md 4.3 and 5: what a client does about a server that has lost its records. */
describe.each([
  ['A', 'encryption-received-encrypted-request'],
  ['B', 'encryption-received-signed-solicit'],
] as const)('a server of solution %s that has lost its key table', (solution, authentications) => {
  const site = Site.forAllTests(0);
  let credentials: CredentialFiles;
  let kea: KeaServer;

  beforeAll(async () => {
    credentials = await site.pki.server(SERVER_NAME);
    kea = await site.start({ solution, mode: 'encrypted' }, { credentials });
  });

  async function loseKeyTable(): Promise<void> {
    await kea.stop();
    const state = site.path('state');
    expect(await readdir(state)).not.toEqual([]);
    await rm(state, { recursive: true });
    for (const keys of await readdir(site.testbed.memory)) {
      await rm(join(site.testbed.memory, keys));
    }
    await kea.launch();
  }

  it.each([
    ['ordinary', []],
    ['public', ['--public-certificate']],
  ] as const)('serves a client with its %s certificate on', async (name, more) => {
    const options = await site.client({
      name: `${name}.example.net`,
      more: ['--solution', solution, ...more],
    });
    const { addresses } = await leaseOk('lease', options);
    await loseKeyTable();

    const renewed = await leaseOk('renew', options);

    expect(renewed.addresses[0]?.address).toBe(addresses[0]?.address);
    // The encryption keys are lost, too: it asks for the new one.
    expect(await kea.statistic(authentications)).toBeGreaterThan(0);
    expect((await dropCounts(kea))['key-unknown']).toBeUndefined();
    expect(await exchangeOk('release', options)).toMatchObject({ acknowledged: true });
  });

  it('knows a client again by the credential inside its query, and by nothing else', async () => {
    const wire = await Wire.open(site.testbed, site.topology.client);
    const sender = await wire.client('fe80::600d');
    const server = KnownServer.of(credentials);
    const client = new Party(wire, sender, await member(site.pki.authority), server);
    const other = new Party(wire, await wire.client('fe80::600e'), await member(site.pki.authority), server);
    await client.authenticate(solution);
    const address = await client.lease();
    const open = client.openContext();
    await client.ask(open, client.opening(open, client.question(MessageType.Renew)));
    await loseKeyTable();

    // Neither the context nor the key is known any more.
    const renew = client.question(MessageType.Renew);
    const turnedAway = whatIsTold(await wire.ask(client.later(open, renew), sender));
    // A later query is too short for more.
    expect(turnedAway).toBe('retry');
    await other.authenticate(solution);
    const opening = client.opening(client.openContext(), renew);
    expect(await dropsDuring(kea, 1, () => wire.send([opening], sender))).toEqual({ 'key-unknown': 1 });

    const context = client.openContext();
    const answer = await client.ask(context, client.opening(context, renew, true));

    expect(addressIn(answer)).toBe(address);
    expect(await kea.statistic(authentications)).toBe(1);
    // From here on its key is enough.
    await client.renew();
  });
});
