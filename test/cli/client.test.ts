// SPDX-License-Identifier: MPL-2.0

import { command } from './support';

/** An interface that is nowhere: an exchange that has got that far has read its whole command line. */
const nowhere = ['--interface', 'nowhere0'];
const absent = ['--private-key', '/nonexistent/key', '--trust-anchors', '/nonexistent/ca'];

const exchanges = [
  'lease',
  'renew',
  'rebind',
  'confirm',
  'release',
  'decline',
  'information-request',
  'run',
] as const;

describe('kea-encryption client: the command line', () => {
  it.each(exchanges)('%s takes its options before its name and after it', async (name) => {
    const after = await command('client', name, ...nowhere, ...absent);
    const before = await command('client', ...nowhere, ...absent, '--json', name);
    const around = await command('client', ...nowhere, name, ...absent);
    for (const { code, stderr } of [after, before, around]) {
      expect(stderr).toMatch(/\/nonexistent\/key: no such file/);
      expect(code).toBe(1);
    }
  });

  it('leases where no exchange is named', async () => {
    const { code, stderr } = await command('client', ...nowhere, ...absent);
    expect(stderr).toMatch(/\/nonexistent\/key: no such file/);
    expect(code).toBe(1);
  });

  it.each([
    [['--private-key', 'key'], '--interface <name>'],
    [nowhere, '--private-key <file>'],
  ])('%j leaves out what is required', async (given, flags) => {
    for (const name of ['lease', 'run']) {
      const { code, stderr } = await command('client', name, ...given);
      expect(stderr).toContain(`required option '${flags}' not specified`);
      expect(code).toBe(2);
    }
  });

  it.each([
    [['frobnicate', ...nowhere, ...absent], '"frobnicate" is not one of lease, renew'],
    [['renew', 'frobnicate', ...nowhere], 'too many arguments'],
    [['--frobnicate'], "unknown option '--frobnicate'"],
    [['renew', '--frobnicate'], "unknown option '--frobnicate'"],
    [['--no-address', ...nowhere, ...absent], '--no-address without --prefix requests nothing'],
    [[...nowhere, '--interface', 'eth1', ...absent], 'one process serves one interface'],
    [['--timeout', '1e3'], 'a whole number from 0 to 86400 is expected'],
    [['--duid', '00'], 'a DUID in hexadecimal is expected'],
    [['--kem', 'rsa'], 'Allowed choices are x25519, p-256, p-384, x-wing'],
    [['--private-certificate'], "unknown option '--private-certificate'"],
    [['--iaid', '4294967296'], 'a whole number from 0 to 4294967295 is expected'],
    [['--downstream', 'lan0/x'], 'an interface is expected'],
    [['--downstream', 'lan0', '--downstream', 'guest0'], 'of a number of its own'],
    [['--downstream', 'lan0/1', '--downstream', 'lan0/2'], 'each interface gets one /64'],
    [
      ['release', '--dry-run', ...nowhere, ...absent],
      '--dry-run with release: it is an option of client run',
    ],
    [['--no-release', ...nowhere, ...absent], '--no-release with lease: '],
    [['renew', '--script', '/bin/true', ...nowhere, ...absent], '--script with renew: '],
    [['lease', '--downstream', 'lan0', ...nowhere, ...absent], '--downstream with lease: '],
  ])('%j: %s', async (given, text) => {
    const { code, stderr } = await command('client', ...given);
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });

  it.each(exchanges)('%s --help lists the options that it shares', async (name) => {
    const { code, stdout } = await command('client', name, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`client ${name} [options]`);
    expect(stdout).toContain('--trust-anchors <files...>');
  });
});
