// SPDX-License-Identifier: MPL-2.0
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const tree = join(__dirname, '../..');
const fileOf = (unit: string): string => join(tree, 'examples/systemd', unit);
const read = (unit: string): string => readFileSync(fileOf(unit), 'utf8');

/** The values of a setting, in their order. */
function setting(unit: string, name: string): string[] {
  return [...read(unit).matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** What `systemd-analyze security` makes of a unit: from 0, safe, to 10. */
function exposure(file: string): number {
  const args = ['security', '--offline=true', '--no-pager', file];
  const { stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  const [, score] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
  if (score === undefined) {
    throw new Error(`systemd-analyze: ${stderr}`);
  }
  return Number(score);
}

const services = ['kea-encryption.service', 'kea-encryption-client@.service'];

describe('examples/systemd', () => {
  it.each(services)('%s is exposed by 2.0 at most, and by what docs/security.md says', (unit) => {
    const score = exposure(fileOf(unit));
    expect(score).toBeLessThanOrEqual(2);
    const page = readFileSync(join(tree, 'docs/security.md'), 'utf8');
    const row = new RegExp(`^\\| \`${unit.replace(/\./g, '\\.')}\` +\\| ([\\d.]+) +\\|`, 'm').exec(page);
    expect(row?.[1]).toBe(score.toFixed(1));
  });

  it('is measured: without its sandbox it is exposed by more', () => {
    const directory = mkdtempSync(join(tmpdir(), 'units-'));
    const bare = join(directory, 'bare.service');
    writeFileSync(bare, `[Service]\nExecStart=${setting(services[0]!, 'ExecStart')[0]}\n`);
    expect(exposure(bare)).toBeGreaterThan(9);
    rmSync(directory, { recursive: true });
  });

  it.each(services)('%s leaves no core, is not swapped and gains no privilege', (unit) => {
    const names = ['LimitCORE', 'MemorySwapMax', 'NoNewPrivileges'];
    expect(names.map((name) => setting(unit, name))).toEqual([['0'], ['0'], ['yes']]);
  });

  it("has the engine's user in no group of Kea's", () => {
    const [user] = setting(services[0]!, 'User');
    expect(setting(services[0]!, 'Group')).toEqual([user]);
    expect(setting(services[0]!, 'SupplementaryGroups')).toEqual([]);
    const sysusers = read('kea-encryption.sysusers.conf');
    expect(sysusers).toMatch(new RegExp(`^u ${user} `));
    expect(sysusers).not.toMatch(/^m/m);
  });

  it('has a socket for Kea’s user alone, which is the one that the engine expects', () => {
    const unit = 'kea-encryption.socket';
    const [user] = setting(unit, 'SocketUser');
    expect(setting(unit, 'SocketMode')).toEqual(['0600']);
    expect(setting(services[0]!, 'ExecStart')[0]).toContain(`--kea-user ${user}`);
    expect(setting(services[0]!, 'Requires')).toEqual([unit]);
  });

  it('has the state where nobody but root can put another in its place', () => {
    expect(setting(services[0]!, 'StateDirectory')).toEqual(['kea-encryption']);
    expect(setting(services[0]!, 'StateDirectoryMode')).toEqual(['0700']);
  });

  it('names a profile of AppArmor that there is, under its file’s name', () => {
    for (const unit of services) {
      const [name = ''] = setting(unit, 'AppArmorProfile').map((value) => value.replace(/^-/, ''));
      const profile = readFileSync(join(tree, 'examples/apparmor', name), 'utf8');
      expect(profile).toMatch(new RegExp(`^profile ${basename(name)} `, 'm'));
      const [open, close] = [profile.match(/\{$/gm), profile.match(/^\}$/gm)];
      expect([open?.length, close?.length]).toEqual([1, 1]);
    }
  });
});
