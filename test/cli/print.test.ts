// SPDX-License-Identifier: MPL-2.0

import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests();

/** What would wipe the screen, turn the text round, and add a line. */
const evil = '\u001b[2J\u009b1m\u202e\u2028\nstate  bound';
const harmful = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

function leaseFile(): string {
  return directory.write(
    'lease.json',
    JSON.stringify({
      clientIdentifier: '0003',
      serverIdentifier: '0002',
      serverName: evil,
      serverKey: '',
      obtained: 0,
      addresses: [],
      prefixes: [],
      configuration: { dnsServers: [], domainSearch: [evil], fqdn: evil },
    }),
  );
}

describe('what came from outside', () => {
  it('adds no line to a result, and is nothing but text', async () => {
    const { stdout } = await command('client', 'status', '--lease-file', leaseFile());
    expect(stdout).not.toMatch(harmful);
    expect(stdout).toContain('[2J 1m   state  bound');
    expect(stdout.match(/^state/gm)).toHaveLength(1);
  });

  it('is escaped in JSON, and reads as it came', async () => {
    const { stdout } = await command('client', 'status', '--json', '--lease-file', leaseFile());
    expect(stdout).not.toMatch(harmful);
    expect(JSON.parse(stdout)).toMatchObject({ lease: { serverName: evil, fqdn: evil } });
  });

  it('adds no line to an error, and is nothing but text', async () => {
    const { code, stderr } = await command('pki', 'show', directory.file(evil));
    expect(code).toBe(1);
    expect(stderr).not.toMatch(harmful);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });
});
