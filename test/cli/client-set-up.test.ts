// SPDX-License-Identifier: MPL-2.0

/** What the options of `kea-encryption client` make of a client: who it is, what it shows, and what time it goes by. */
import { Command } from 'commander';
import { writeLeaseFile } from '../../src/client';
import { addClientOptions, clientOptions } from '../../src/cli/client/options';
import { type ClientSetUp, setUpClient } from '../../src/cli/client/set-up';
import { deriveDuid } from '../../src/crypto';
import { leaseOf } from '../client/daemon/support/daemon-set-up';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests();
const file = (name: string): string => directory.file(name);

beforeAll(async () => {
  await command('pki', 'init', '--directory', file('ca'));
  await command(
    'pki',
    'client',
    '--directory',
    file('ca'),
    '--name',
    'host.example.net',
    '--out',
    file('own'),
  );
});

afterEach(() => {
  jest.restoreAllMocks();
});

function setUp(...given: string[]): ClientSetUp {
  const client = addClientOptions(new Command('client')).exitOverride();
  const own = ['--certificate', file('own.pem'), '--private-key', file('own.key')];
  const trusting = ['--interface', 'nowhere0', '--trust-anchors', file('ca/ca.pem')];
  return setUpClient(clientOptions(client.parse([...trusting, ...own, ...given], { from: 'user' })));
}

test.each(['A', 'B'])(
  'solution %s: the certificate is for under encryption, unless --public-certificate',
  (solution) => {
    expect(setUp('--solution', solution).client.showsCredential).toBe(false);
    expect(setUp('--solution', solution, '--public-certificate').client.showsCredential).toBe(true);
  },
);

test('--kem: X25519, or what is named, most wanted first', () => {
  expect(setUp().client.kemList).toEqual([0x0020]);
  expect(setUp('--kem', 'x-wing', 'p-384', 'p-256', 'x25519').client.kemList).toEqual([
    0x647a, 0x0011, 0x0010, 0x0020,
  ]);
});

test('the derived DUID is known besides a configured one: a server may refuse that', () => {
  const { clientIdentifier, derivedIdentifier, client } = setUp('--duid', '00030001020304050607');
  expect(clientIdentifier.toString('hex')).toBe('00030001020304050607');
  expect(derivedIdentifier).toEqual(deriveDuid(client.signer.key.public.spki));
});

test('--solution B --rapid-commit: the derived DUID, but where the Solicit with Rapid Commit is encrypted', () => {
  const given = ['--solution', 'B', '--rapid-commit', '--duid', '00030001020304050607'];
  expect(() => setUp(...given)).not.toThrow();
  expect(() => setUp(...given, '--public-certificate')).toThrow('leave --duid out');
});

describe('--no-clock', () => {
  const day = 86_400_000;

  test('without it no server tells the time', () => {
    expect(setUp().client.time.mayBe(Date.now())).toBe(false);
  });

  test('with it a server may, but not one before the own certificate began', () => {
    const { time } = setUp('--no-clock').client;
    expect(time.mayBe(Date.now() + day)).toBe(true);
    expect(time.mayBe(Date.now() - 2 * day)).toBe(false);
  });

  test.each([
    ['obtained', (now: number) => ({ ...leaseOf({}, now + 9 * day) })],
    ['told by its server', (now: number) => ({ ...leaseOf({}, 0), serverTime: now + 9 * day })],
  ])('nor before the kept lease was %s', (_, lease) => {
    const now = Date.now();
    writeLeaseFile(file('lease.json'), lease(now));
    const { time } = setUp('--no-clock', '--lease-file', file('lease.json')).client;
    expect(time.mayBe(now + 8 * day)).toBe(false);
    expect(time.mayBe(now + 10 * day)).toBe(true);
  });

  test('a machine that wakes in 1970 has a certificate that is not valid yet, and may use it', () => {
    jest.spyOn(Date, 'now').mockReturnValue(0);
    expect(() => setUp()).toThrow('set it if it is wrong');
    expect(() => setUp('--no-clock')).not.toThrow();
  });
});
