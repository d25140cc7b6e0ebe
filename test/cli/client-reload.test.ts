// SPDX-License-Identifier: MPL-2.0

import { copyFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { IdentityInForce } from '../../src/cli/client/identity-in-force';
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

function identity(...given: string[]): IdentityInForce {
  const read = options(...given);
  return new IdentityInForce(read, setUpClient(read));
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

test('trust and certificate are what the files are now; what chance has chosen stays', () => {
  const inForce = identity(...own, '--solution', 'B', '--opportunistic');
  const before = inForce.client;
  const now = inForce.reread();
  expect(now.isAnother()).toBe(false);
  expect(inForce.client).toBe(before);
  now.adopt();
  expect(inForce.client.trust).not.toBe(before.trust);
  expect(inForce.client.signer).not.toBe(before.signer);
  expect(inForce.client.wishes).toBe(before.wishes);
  expect(inForce.client.opportunistic).toBe(before.opportunistic);
});

test.each([
  ['anchors.pem', 'nonsense', /anchors\.pem/],
  ['own.pem', 'nonsense', /own\.pem/],
  ['own.key', '', /own\.key.*empty/],
])('with a wrong %s nothing changes', (name, contents, text) => {
  const inForce = identity(...own);
  const before = inForce.client;
  writeFileSync(file(name), contents);
  expect(() => inForce.reread()).toThrow(text);
  expect(inForce.client).toBe(before);
});

test('another key is another DUID, and back again; with --duid it is the same client', () => {
  const inForce = identity(...own);
  const first = inForce.client.wishes;
  become('second.example.net');
  const second = inForce.reread();
  become('first.example.net');
  const third = inForce.reread();
  expect([second.isAnother(), third.isAnother()]).toEqual([true, false]);
  second.adopt();
  const { signer, wishes } = inForce.client;
  expect(wishes.clientIdentifier).toEqual(deriveDuid(signer.key.public.spki));
  expect(wishes.clientIdentifier).not.toEqual(first.clientIdentifier);
  expect(third.isAnother()).toBe(true);
  third.adopt();
  expect(inForce.client.wishes.clientIdentifier).toEqual(first.clientIdentifier);

  const named = identity(...own, '--duid', '00030001020304050607');
  become('second.example.net');
  expect(named.reread().isAnother()).toBe(false);
});

test('an anonymous client is another with its certificate only', () => {
  const nobody = identity('--anonymous');
  const { signer } = nobody.client;
  const now = nobody.reread();
  expect(now.isAnother()).toBe(false);
  now.adopt();
  expect(nobody.client.signer).toBe(signer);
  nobody.beAnother();
  expect(nobody.client.signer).not.toBe(signer);

  const somebody = identity('--anonymous', '--private-certificate', ...own);
  expect(somebody.reread().isAnother()).toBe(false);
  become('second.example.net');
  expect(somebody.reread().isAnother()).toBe(true);
});
