// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests().path;
const authority = join(directory, 'ca');
const client = join(directory, 'client');
const nowhere = ['--interface', 'none0'];
const trusting = ['--trust-anchors', join(authority, 'ca.pem')];

beforeAll(async () => {
  await command('pki', 'init', '--directory', authority);
  await command('pki', 'client', '--directory', authority, '--name', 'host.example.net', '--out', client);
});

/** What goes wrong last where nothing else does. */
const noInterface = /there is no interface "none0"/;

describe('--anonymous', () => {
  const credentials = ['--certificate', `${client}.pem`, '--private-key', `${client}.key`];

  test.each([
    ['--public-certificate', [...credentials, '--public-certificate']],
    ['--private-key', ['--private-key', `${client}.key`]],
    ['--duid', ['--duid', '00030001020304050607']],
    ['--iaid', ['--iaid', '7']],
    ['--clear-duid', ['--clear-duid', '00030001020304050607', '--opportunistic']],
    ['--fqdn', ['--fqdn', 'host.example.net']],
    ['--request-option', ['--request-option', '31']],
    ['--lease-file', ['--lease-file', join(directory, 'lease.json')]],
    ['--no-release', ['--no-release']],
  ])('and %s contradict each other: both are named', async (name, given) => {
    for (const exchange of ['lease', 'run', 'information-request']) {
      const { code, stderr } = await command(
        'client',
        exchange,
        '--anonymous',
        ...nowhere,
        ...trusting,
        ...given,
      );
      expect(stderr).toMatch(new RegExp(`^kea-encryption: --anonymous with ${name}\\b`));
      expect(code).toBe(2);
    }
  });

  test.each(['renew', 'rebind', 'confirm', 'release', 'decline'])(
    'and %s: whose lease would it be',
    async (exchange) => {
      const { code, stderr } = await command('client', exchange, '--anonymous', ...nowhere, ...trusting);
      expect(stderr).toContain(`--anonymous with ${exchange}: `);
      expect(code).toBe(2);
    },
  );

  test('and --opportunistic for ever: the client would never be opportunistic', async () => {
    const given = [...nowhere, ...trusting, '--opportunistic', '--timeout', '0'];
    const { code, stderr } = await command('client', '--anonymous', ...given);
    expect(stderr).toContain('--opportunistic with --timeout 0');
    expect(code).toBe(2);
  });

  test.each([
    ['nothing else', []],
    ['a certificate that only the server sees', credentials],
    ['solution B', ['--solution', 'B', '--rapid-commit']],
    ['continuing in clear', ['--opportunistic']],
    ['a prefix', ['--prefix', '--no-address']],
    ['a name that the server must have', ['--server-name', 'dhcp.example.net']],
  ])('goes well with %s', async (_, given) => {
    const { code, stderr } = await command('client', '--anonymous', ...nowhere, ...trusting, ...given);
    expect(stderr).toMatch(noInterface);
    expect(code).toBe(1);
  });

  test('needs to know whom to trust, and is what makes a private key unnecessary', async () => {
    const untrusting = await command('client', '--anonymous', ...nowhere);
    expect(untrusting).toMatchObject({ code: 2 });
    expect(untrusting.stderr).toContain('--trust-anchors');
    const known = await command('client', ...nowhere, ...trusting);
    expect(known).toMatchObject({ code: 2 });
    expect(known.stderr).toContain("required option '--private-key <file>'");
  });

  test('warns if the link-layer address identifies the host', async () => {
    // The loopback interface's address is assigned once and for all.
    const { stderr } = await command(
      'client',
      '--anonymous',
      '--interface',
      'lo',
      '--timeout',
      '1',
      '--duid',
      '0003',
    );
    expect(stderr).not.toContain('link-layer');
    const warned = await command('client', '--anonymous', '--interface', 'lo');
    expect(warned.stderr).toContain("the link-layer address of lo is its hardware's");
    const other = await command('client', '--anonymous', ...nowhere);
    expect(other.stderr).not.toContain('link-layer');
  });
});
