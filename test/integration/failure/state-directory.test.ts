// SPDX-License-Identifier: MPL-2.0
import { chmod, chown, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MessageType } from '../../../src/dhcpv6';
import { Range } from '../attacks/support/range';
import {
  createTopology,
  dropCounts,
  KeaServer,
  leaseOk,
  runOk,
  SERVER_NAME,
  Site,
  Testbed,
  tree,
  until,
  type KeaObject,
} from '../support';

/** Mounts a disk of its own for the state; it is unmounted when its mount namespaces are gone, and by `undo`. */
async function mountState(directory: string, options: string): Promise<() => Promise<unknown>> {
  await mkdir(directory, { recursive: true });
  await runOk('mount', ['-t', 'tmpfs', '-o', options, 'state', directory]);
  return () => runOk('umount', ['--lazy', directory]);
}

describe('a disk that gets full under a running engine', () => {
  let range: Range;
  let state: string;
  let undo: () => Promise<unknown>;

  beforeEach(async () => {
    range = await Range.open({
      solution: 'A',
      prepare: async (site): Promise<KeaObject> => {
        state = site.path('state');
        undo = await mountState(state, 'size=48m,mode=0700');
        return {};
      },
    });
  });

  afterEach(async () => {
    await undo();
    await range.close();
  });

  const logged = (pattern: RegExp): number => [...range.kea.log.matchAll(pattern)].length;
  const full = /The key table cannot be written: .*(ENOSPC|no space left)/g;
  const over = /The key table can be written again/g;

  /** Fills the disk, and then what the table has in reserve, with the keys of many clients that come at once. */
  async function fill(): Promise<void> {
    await runOk('sh', [
      '-c',
      'dd if=/dev/zero of="$1" bs=64k 2>/dev/null; true',
      'sh',
      join(state, 'ballast'),
    ]);
    const room = join(dirname(dirname(tree.cli)), 'engine', 'key-table');
    const program = `
      const { randomBytes } = require('node:crypto');
      const { KeyTable } = require(${JSON.stringify(room)});
      const options = { maxEntries: 100000, lifetime: 604800, now: Date.now };
      const table = KeyTable.open({ directory: ${JSON.stringify(state)}, ...options });
      const rest = { kind: 'public-key', certified: undefined, notAfter: undefined, text: '' };
      let refused = 0;
      for (let count = 0; count < 60000 && refused < 3; count += 1) {
        try {
          const identity = { keyId: randomBytes(32), spki: Buffer.alloc(550, 1), ...rest };
          table.acceptTimestamp(identity, 1n << 63n, 1n << 63n, () => 'accept');
        } catch (error) {
          refused += 1;
        }
      }
      console.log(refused);`;
    expect((await runOk(process.execPath, ['-e', program])).trim()).toBe('3');
  }

  it('serves open contexts, refuses what it cannot record, says so once, and goes on when there is room', async () => {
    const { good, wire, kea } = range;
    const context = good.openContext();
    await good.ask(context, good.opening(context, good.question(MessageType.Renew)));

    await fill();

    const stranger = await range.party('fe80::57:1');
    const before = (await dropCounts(kea))['state-unavailable'] ?? 0;
    const refused = [
      stranger.authentication('A'),
      good.opening(good.openContext(), good.question(MessageType.Renew)),
    ];
    await wire.send([refused[0] ?? Buffer.alloc(0)], stranger.sender);
    await wire.send([refused[1] ?? Buffer.alloc(0)], good.sender);
    await until('both to be counted', async () => {
      return ((await dropCounts(kea))['state-unavailable'] ?? 0) === before + 2;
    });
    await until('the line in the log', () => logged(full) > 0);
    for (let turn = 0; turn < 5; turn += 1) {
      const reply = await good.ask(context, good.later(context, good.question(MessageType.Renew)));
      expect(reply.msgType).toBe(MessageType.Reply);
    }
    expect(wire.received.filter(({ at }) => at.address === stranger.sender.address)).toEqual([]);
    expect(logged(over)).toBe(0);

    await rm(join(state, 'ballast'));

    await until('the line that it is over', () => logged(over) > 0);
    await stranger.authenticate('A');
    await stranger.lease();
    await range.serves();
    expect(logged(full)).toBe(1);
    expect(logged(over)).toBe(1);
    expect(await kea.statistic('encryption-engine-restarts')).toBe(0);
  });
});

describe('a state directory that is wrong at the start', () => {
  const site = Site.forEachTest(0);
  let state: string;

  beforeEach(() => {
    state = site.path('state');
  });

  async function prepare(): Promise<KeaServer> {
    return KeaServer.prepare(await site.settings());
  }

  async function lease(): Promise<void> {
    await leaseOk('lease', await site.client());
  }

  /** Its log has a line that names the directory and the reason. */
  async function expectRefused(kea: KeaServer, problem: RegExp): Promise<void> {
    expect((await kea.launchToFail()).code).not.toBe(0);
    const line = kea.log.split('\n').find((text) => text.includes('state-directory'));
    expect(line).toContain(state);
    expect(line).toMatch(problem);
  }

  async function expectServed(kea: KeaServer): Promise<void> {
    await kea.launch();
    await lease();
    await kea.stop();
  }

  async function mount(): Promise<void> {
    site.testbed.onClose(await mountState(state, 'size=48m,mode=0700'));
  }

  const harms: [string, RegExp, () => Promise<unknown>][] = [
    ['that everybody can write to', /everybody can write to it \(mode 0777\)/, () => chmod(state, 0o777)],
    [
      'of another user',
      /it belongs to user 12345, and the engine runs as user 0/,
      () => chown(state, 12_345, 0),
    ],
    [
      'that is a file',
      /is not a directory|EEXIST|ENOTDIR/,
      async () => {
        await rm(state, { recursive: true });
        await writeFile(state, '');
      },
    ],
  ];

  it.each(harms)('%s is refused by name', async (_what, problem, harm) => {
    const kea = await prepare();
    await harm();
    await expectRefused(kea, problem);
  });

  it('on a file system that cannot be written is refused by name, and taken once it can', async () => {
    const kea = await prepare();
    await mount();
    await runOk('mount', ['-o', 'remount,ro', state]);
    await expectRefused(kea, /EROFS/);
    await runOk('mount', ['-o', 'remount,rw', state]);
    await expectServed(kea);
  });

  it('on a disk that is full is refused by name, and taken once there is room', async () => {
    const kea = await prepare();
    await mount();
    const ballast = join(state, 'ballast');
    await runOk('sh', ['-c', 'dd if=/dev/zero of="$1" bs=4k 2>/dev/null; true', 'sh', ballast]);
    await expectRefused(kea, /ENOSPC/);
    await rm(ballast);
    await expectServed(kea);
  });

  it('with a corrupt table is served with a new one, and the old one is kept', async () => {
    const kea = await prepare();
    await kea.launch();
    await lease();
    await kea.stop();
    const table = join(state, 'key-table.mdb');
    await writeFile(table, Buffer.alloc(65_536, 0x5a));
    await kea.launch();
    expect(kea.log).toMatch(/The key table does not hold together .* It was moved to .*unusable-/);
    expect((await readdir(state)).filter((name) => name.includes('.unusable-'))).toHaveLength(1);
    await lease();
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('that is missing is made, for its owner only, whatever the umask', async () => {
    const kea = await prepare();
    await rm(state, { recursive: true });
    await kea.launch();
    await lease();
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(state)) {
      expect([name, (await stat(join(state, name))).mode & 0o777]).toEqual([name, 0o600]);
    }
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('with a private key that every user can read, says so', async () => {
    const kea = await prepare();
    const { privateKey } = await site.pki.server(SERVER_NAME);
    await chmod(privateKey, 0o644);
    await kea.launch();
    expect(kea.log).toContain(
      `the private key ${privateKey} is open to every user of this machine (mode 0644)`,
    );
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('that two servers use is safe: what one has accepted the other knows, and each is told', async () => {
    const first = await prepare();
    await first.launch();
    const otherBed = await Testbed.create();
    site.testbed.onClose(() => otherBed.close());
    const topology = await createTopology(otherBed, 0);
    const serverName = 'other.example.net';
    const credentials = await site.pki.server(serverName);
    const parameters = { 'state-directory': state };
    const second = await site.start(parameters, { topology, credentials, label: 'second' });
    const shared = /"state-directory" is .* in use by another process too/;
    await until('both to be told', () => shared.test(first.log) && shared.test(second.log));

    const here = await site.client();
    const elsewhere = { ...here, topology, serverName };
    await leaseOk('lease', here);
    await leaseOk('lease', elsewhere);
    expect((await first.leases()).map(({ duid }) => duid)).toEqual(
      (await second.leases()).map(({ duid }) => duid),
    );
    expect(await first.stop()).toMatchObject({ code: 0 });
    // The table is still whole for who stays, and for who comes back.
    await leaseOk('lease', elsewhere);
    await first.launch();
    await leaseOk('lease', here);
    expect(second.log).not.toMatch(/does not hold together/);
    expect(await first.stop()).toMatchObject({ code: 0 });
    expect(await second.stop()).toMatchObject({ code: 0 });
  });
});
