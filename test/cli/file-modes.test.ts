// SPDX-License-Identifier: MPL-2.0

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Lease, ServerPins, writeLeaseFile } from '../../src/client';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const masks = [0o000, 0o022, 0o077] as const;

const work = TestDirectory.forEachTest();
let before: number;

beforeEach(() => {
  before = process.umask(0o022);
});

afterEach(() => {
  process.umask(before);
});

const mode = (...names: readonly string[]): number => statSync(join(work.path, ...names)).mode & 0o777;

const lease: Lease = {
  encrypted: true,
  clientIdentifier: '0003',
  serverIdentifier: '0002',
  serverName: 'CN=server',
  serverKey: '30',
  obtained: 0,
  addresses: [],
  prefixes: [],
  configuration: { dnsServers: [], domainSearch: [], informationRefreshTime: undefined, fqdn: undefined },
};

describe.each(masks)('with umask %o', (mask) => {
  test('an authority and its keys are for their owner only, and certificates for everyone who may', async () => {
    process.umask(mask);
    const authority = work.file('ca');
    const issue = (role: string): ReturnType<typeof command> =>
      command('pki', role, '--directory', authority, '--name', 'a.example', '--out', work.file(role));
    expect(await command('pki', 'init', '--directory', authority)).toMatchObject({ code: 0 });
    expect(await issue('server')).toMatchObject({ code: 0 });
    expect(await issue('client')).toMatchObject({ code: 0 });
    expect(await command('pki', 'crl', '--directory', authority)).toMatchObject({ code: 0 });
    expect(mode('ca')).toBe(0o700);
    for (const key of [['ca', 'ca.key'], ['server.key'], ['client.key']]) {
      expect([key, mode(...key)]).toEqual([key, 0o600]);
    }
    for (const open of [['ca', 'ca.pem'], ['ca', 'crl.pem'], ['server.pem']]) {
      expect([open, mode(...open)]).toEqual([open, 0o644 & ~mask]);
    }
    expect(readdirSync(authority).sort()).toEqual(['ca.key', 'ca.pem', 'crl.pem']);
  });

  test("a client's lease and the servers it knows are for their owner only", () => {
    process.umask(mask);
    writeLeaseFile(work.file('lease'), lease);
    writeLeaseFile(work.file('lease'), lease);
    ServerPins.open(work.file('pins')).require({
      serverIdentifier: Buffer.of(0, 2, 1),
      keyId: Buffer.alloc(32, 1),
      name: 'server',
    });
    expect([mode('lease'), mode('pins')]).toEqual([0o600, 0o600]);
    expect(readdirSync(work.path).sort()).toEqual(['lease', 'pins']);
  });
});
