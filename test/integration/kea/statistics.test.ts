// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KnownServer, Party } from '../attacks/support/party';
import { member } from '../attacks/support/signers';
import { Wire } from '../attacks/support/wire';
import {
  clientSubnet,
  encryptedClient,
  enginePid,
  KeaServer,
  leaseOk,
  Site,
  until,
  untilDropped,
  type CredentialFiles,
  type EncryptedClientOptions,
  type KeaOptions,
} from '../support';

const PREFIX = 'subnet[1].';

/** The names in the first column of the tables of docs/statistics.md, by heading. */
function documented(heading: string): string[] {
  const page = readFileSync(join(__dirname, '../../../docs/statistics.md'), 'utf8');
  const section = page.split(/^#+ /m).find((one) => one.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
}

describe('statistics', () => {
  const site = Site.forEachTest(0);
  let kea: KeaServer;
  let options: KeaOptions;
  let client: EncryptedClientOptions;
  let credentials: CredentialFiles;

  beforeEach(async () => {
    const userContext = { encryption: { mode: 'authenticated' } };
    const subnets = [{ ...clientSubnet(site.topology), userContext }];
    credentials = await site.pki.server();
    // The last test waits for it.
    const engine = { timeout: 5000 };
    options = await site.settings({ engine }, { credentials, kea: { subnets } });
    kea = await KeaServer.start(options);
    client = await site.client({ more: ['--timeout', '5'] });
  });

  /** Of a client that sends nothing more than once. */
  async function lease(): Promise<void> {
    const wire = await Wire.open(site.testbed, site.topology.client);
    const signer = await member(site.pki.authority);
    const party = new Party(wire, await wire.client('fe80::1:1'), signer, KnownServer.of(credentials));
    await party.authenticate('A');
    await party.lease();
  }

  async function own(): Promise<Readonly<Record<string, number>>> {
    const all = Object.entries(await kea.statistics());
    return Object.fromEntries(all.filter(([name]) => name.includes('encryption-')));
  }

  it('are those of docs/statistics.md, all of them, and begin with 0', async () => {
    const drops = [...documented('Counted by the hook'), ...documented('Counted by the engine')];
    const ofPackets = [...documented('Packets'), ...drops.map((reason) => `encryption-drop-${reason}`)];
    const names = [...documented('The engine'), ...ofPackets, ...ofPackets.map((name) => `${PREFIX}${name}`)];
    expect(await own()).toEqual(Object.fromEntries(names.map((name) => [name, 0])));
  });

  it('count an exchange once in each place, and keep it through a reload', async () => {
    await lease();
    const counted = await own();
    expect(counted).toMatchObject({
      'encryption-received-encrypted-request': 1,
      'encryption-received-encrypted-query': 2,
      'encryption-received-signed-solicit': 0,
      'encryption-replied': 1,
      'encryption-decrypted': 2,
      'encryption-sealed': 2,
      [`${PREFIX}encryption-decrypted`]: 2,
      [`${PREFIX}encryption-sealed`]: 2,
      [`${PREFIX}encryption-dropped`]: 0,
    });
    expect(counted[`${PREFIX}encryption-replied`]).toBe(1);
    expect(counted[`${PREFIX}encryption-received-encrypted-request`]).toBe(1);
    expect(counted[`${PREFIX}encryption-received-encrypted-query`]).toBe(2);
    expect(await kea.reload()).toMatchObject({ result: 0 });
    expect(await own()).toEqual(counted);
  });

  it('of a subnet go with it, and those of the others stay', async () => {
    const more = { id: 2, prefix: '2001:db8:2::/64', pool: '2001:db8:2::1-2001:db8:2::ff' };
    await kea.configure({ ...options, subnets: [...options.subnets, more] });
    expect(await kea.reload()).toMatchObject({ result: 0 });
    await lease();
    const counted = await own();
    expect(counted).toMatchObject({ 'subnet[2].encryption-sealed': 0, [`${PREFIX}encryption-sealed`]: 2 });
    await kea.configure(options);
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const kept = Object.entries(counted).filter(([name]) => !name.startsWith('subnet[2].'));
    expect(await own()).toEqual(Object.fromEntries(kept));
  });

  it('count what is refused, for the subnet and in total', async () => {
    await encryptedClient('lease', { ...client, bareKey: true });
    const counted = await until('all to be refused', async () => {
      const present = await own();
      const received = present['encryption-received-encrypted-request'] ?? 0;
      return received > 0 && present['encryption-drop-mode-refused'] === received && present;
    });
    const refused = counted['encryption-drop-mode-refused'] ?? 0;
    expect(counted).toMatchObject({
      'encryption-dropped': refused,
      [`${PREFIX}encryption-dropped`]: refused,
      [`${PREFIX}encryption-drop-mode-refused`]: refused,
      [`${PREFIX}encryption-received-encrypted-request`]: refused,
    });
  });

  it('count time-outs and restarts of the engine', async () => {
    await leaseOk('lease', { ...client, more: [] });
    const pid = await enginePid(kea);
    process.kill(pid, 'SIGSTOP');
    await encryptedClient('renew', client);
    await untilDropped(kea, 'engine-timeout');
    const stopped = await own();
    expect(stopped['encryption-engine-timeouts']).toBeGreaterThan(0);
    expect(stopped[`${PREFIX}encryption-drop-engine-timeout`]).toBe(
      stopped['encryption-drop-engine-timeout'],
    );
    process.kill(pid, 'SIGKILL');
    await until('a restart', async () => ((await own())['encryption-engine-restarts'] ?? 0) > 0);
  });
});
