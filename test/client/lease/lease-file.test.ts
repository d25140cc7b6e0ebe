// SPDX-License-Identifier: MPL-2.0

import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  ClientError,
  type Lease,
  readLeaseFile,
  requireWritableLeaseFile,
  writeLeaseFile,
} from '../../../src/client';
import { TestDirectory } from '../../support/test-directory';

const directory = TestDirectory.forAllTests().path;
const file = join(directory, 'lease.json');

const times = { preferredLifetime: 1800, validLifetime: 3600 };
const lease: Lease = {
  encrypted: true,
  clientIdentifier: '00030001020304050607',
  serverIdentifier: '00030001020304050608',
  serverName: 'CN=dhcp.example.net',
  serverKey: '3059',
  obtained: 1_700_000_000_000,
  addresses: [{ iaid: 7, t1: 900, t2: 1440, items: [{ address: '2001:db8::1', ...times }] }],
  prefixes: [{ iaid: 7, t1: 900, t2: 1440, items: [{ prefix: '2001:db8:1::/56', ...times }] }],
  configuration: {
    dnsServers: ['2001:db8::53'],
    domainSearch: ['example.net.'],
    informationRefreshTime: 86_400,
    fqdn: 'host.example.net.',
  },
};
const timeServers = { addresses: ['2001:db8::123'], multicastAddresses: ['ff05::101'], names: ['ntp.test.'] };
const complete: Lease = {
  ...lease,
  configuration: { ...lease.configuration, timeServers, options: { 24: '00' } },
};

test.each([
  ['of an older client', lease],
  ['with all that there is', complete],
])('what is written is read back, %s; only the owner may read it; nothing else is left', (_, one) => {
  writeLeaseFile(file, one);
  expect(readLeaseFile(file)).toEqual(one);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(['lease.json']);
});

test.each(['clientIdentifier', 'serverKey', 'obtained', 'addresses', 'prefixes', 'configuration'])(
  'a file without %s is refused by name',
  (name) => {
    writeFileSync(file, JSON.stringify({ ...lease, [name]: undefined }));
    expect(() => readLeaseFile(file)).toThrow(expect.objectContaining({ code: 'lease-file' }));
    expect(() => readLeaseFile(file)).toThrow(name);
    expect(() => readLeaseFile(file)).toThrow(file);
  },
);

test('no file, and a directory that is not there', () => {
  expect(() => readLeaseFile(join(directory, 'absent'))).toThrow(/absent.*cannot be read/);
  expect(() => {
    writeLeaseFile(join(directory, 'no', 'lease'), lease);
  }).toThrow(/cannot be written/);
});

test('whether a lease can be kept is known before there is one', () => {
  const [file, folder] = [join(directory, 'plain'), join(directory, 'folder')];
  requireWritableLeaseFile(file);
  writeLeaseFile(file, lease);
  requireWritableLeaseFile(file);
  mkdirSync(folder);
  for (const [path, why] of [
    [join(directory, 'no', 'lease'), `${directory}/no: no such file or directory`],
    [join(file, 'lease'), `${file} is no directory`],
    [folder, 'it is a directory'],
  ] as const) {
    expect(() => requireWritableLeaseFile(path)).toThrow(
      expect.objectContaining({
        code: 'lease-file',
        message: `the lease file ${path} cannot be written: ${why}`,
      }),
    );
  }
  rmSync(folder, { recursive: true });
  rmSync(file);
});

test('any JSON is a lease or a ClientError', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(lease), 'x'), (value, name) => {
      writeFileSync(file, JSON.stringify({ ...lease, [name]: value }));
      try {
        readLeaseFile(file);
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
      }
    }),
  );
});
