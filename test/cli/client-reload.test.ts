// SPDX-License-Identifier: MPL-2.0

import { copyFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { CurrentIdentity } from '../../src/cli/client/current-identity';
import { addClientOptions, type ClientOptions, clientOptions } from '../../src/cli/client/options';
import { setUpClient } from '../../src/cli/client/set-up';
import { deriveDuid } from '../../src/crypto';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests();
const file = (name: string): string => directory.file(name);
const own = ['--certificate', file('own.pem'), '--private-key', file('own.key')];
const trusting = ['--interface', 'nowhere0', '--trust-anchors', file('anchors.pem')];

const issue = (name: string, ...more: string[]): ReturnType<typeof command> =>
  command('pki', 'client', '--directory', file('ca'), '--name', name, '--out', file(name), ...more);

/** Has the client's own files be those of a name. */
function become(name: string): void {
  for (const kind of ['pem', 'key']) {
    copyFileSync(file(`${name}.${kind}`), file(`own.${kind}`));
  }
}

function options(...given: string[]): ClientOptions {
  const client = addClientOptions(new Command('client')).exitOverride();
  return clientOptions(client.parse([...trusting, ...given], { from: 'user' }));
}

function identity(...given: string[]): CurrentIdentity {
  const read = options(...given);
  return new CurrentIdentity(read, setUpClient(read));
}

beforeAll(async () => {
  await command('pki', 'init', '--directory', file('ca'));
  await issue('first.example.net');
  await issue('second.example.net');
});

beforeEach(() => {
  copyFileSync(file('ca/ca.pem'), file('anchors.pem'));
  become('first.example.net');
});

test('trust and certificate are reloaded; random values stay', () => {
  const current = identity(...own, '--solution', 'B', '--opportunistic');
  const before = current.client;
  const now = current.reload();
  expect(now.hasAnotherDuid()).toBe(false);
  expect(current.client).toBe(before);
  now.adopt();
  expect(current.client.trust).not.toBe(before.trust);
  expect(current.client.signer).not.toBe(before.signer);
  expect(current.client.leaseRequest).toBe(before.leaseRequest);
  expect(current.client.opportunistic).toBe(before.opportunistic);
});

test.each([
  ['anchors.pem', 'nonsense', /anchors\.pem/],
  ['own.pem', 'nonsense', /own\.pem/],
  ['own.key', '', /own\.key.*empty/],
])('with a wrong %s nothing changes', (name, contents, text) => {
  const current = identity(...own);
  const before = current.client;
  writeFileSync(file(name), contents);
  expect(() => current.reload()).toThrow(text);
  expect(current.client).toBe(before);
});

test('another key is another DUID, and back again; with --duid it is the same client', () => {
  const current = identity(...own);
  const first = current.client.leaseRequest;
  become('second.example.net');
  const second = current.reload();
  become('first.example.net');
  const third = current.reload();
  expect([second.hasAnotherDuid(), third.hasAnotherDuid()]).toEqual([true, false]);
  second.adopt();
  const { signer, leaseRequest } = current.client;
  expect(leaseRequest.clientIdentifier).toEqual(deriveDuid(signer.key.public.spki));
  expect(leaseRequest.clientIdentifier).not.toEqual(first.clientIdentifier);
  expect(third.hasAnotherDuid()).toBe(true);
  third.adopt();
  expect(current.client.leaseRequest.clientIdentifier).toEqual(first.clientIdentifier);

  const named = identity(...own, '--duid', '00030001020304050607');
  become('second.example.net');
  expect(named.reload().hasAnotherDuid()).toBe(false);
});

test('an anonymous client is another with its certificate only', () => {
  const anonymous = identity('--anonymous');
  const { signer } = anonymous.client;
  const now = anonymous.reload();
  expect(now.hasAnotherDuid()).toBe(false);
  now.adopt();
  expect(anonymous.client.signer).toBe(signer);
  anonymous.replace();
  expect(anonymous.client.signer).not.toBe(signer);

  const somebody = identity('--anonymous', ...own);
  expect(somebody.reload().hasAnotherDuid()).toBe(false);
  become('second.example.net');
  expect(somebody.reload().hasAnotherDuid()).toBe(true);
});

test('the time that the protocol goes by stays, and what servers have told of it', () => {
  const current = identity(...own, '--no-clock');
  const { time } = current.client;
  current.reload().adopt();
  expect(current.client.time).toBe(time);
});
