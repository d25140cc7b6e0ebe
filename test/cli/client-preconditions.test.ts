// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests().path;
const authority = join(directory, 'ca');
const client = join(directory, 'client');
const identity = ['--certificate', `${client}.pem`, '--private-key', `${client}.key`];
const given = ['--interface', 'nowhere0', ...identity, '--trust-anchors', join(authority, 'ca.pem')];

beforeAll(async () => {
  await command('pki', 'init', '--directory', authority);
  await command('pki', 'client', '--directory', authority, '--name', 'host.example.net', '--out', client);
});

describe('kea-encryption client: before anything is sent', () => {
  it.each(['lease', 'renew', 'rebind', 'run'])('%s says that it could not keep its lease', async (name) => {
    const file = join(directory, 'absent', 'lease.json');
    const { code, stderr } = await command('client', name, ...given, '--lease-file', file);
    expect(stderr).toBe(
      `kea-encryption: the lease file ${file} cannot be written: ${directory}/absent: no such file or directory\n`,
    );
    expect(code).toBe(1);
  });
});

it('kea-encryption client run --timeout ends where there is no interface by then, and names it', async () => {
  const { code, stdout, stderr } = await command('client', 'run', ...given, '--timeout', '1');
  expect(stdout).toContain('nowhere0: there is no interface "nowhere0": the client waits for it\n');
  expect(stderr).toBe('kea-encryption: there is no interface "nowhere0"\n');
  expect(code).toBe(1);
});
