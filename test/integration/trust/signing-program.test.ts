// SPDX-License-Identifier: MPL-2.0
import { chmod, writeFile } from 'node:fs/promises';
import { encryptedClient, leaseOk, Site, tree, until, type CredentialFiles } from '../support';

/** Private keys that a program keeps, of the server and of the client; here openssl signs in place of a token. */
describe.each(['P-256', 'P-384', 'RSA-2048'] as const)('private-key-command, %s', (keyType) => {
  const site = Site.forEachTest(0);
  const hash = keyType === 'P-384' ? 'sha384' : 'sha256';
  const words = ({ privateKey }: CredentialFiles): string[] => [
    '/usr/bin/openssl',
    'dgst',
    `-${hash}`,
    '-sign',
    privateKey,
  ];

  it('signs for a server and for a client', async () => {
    const credentials = await site.pki.server(undefined, { keyType });
    const settings = { 'private-key': undefined, 'private-key-command': words(credentials) };
    const kea = await site.start(settings, { credentials });
    const client = await site.client({ issue: { keyType } });
    await leaseOk('lease', client);
    const own = words(client.credentials);
    const args = [
      tree.cli,
      'client',
      'renew',
      '--json',
      ...['--interface', 'client0', '--lease-file', client.leaseFile ?? ''],
      ...['--certificate', client.credentials.certificate, '--private-key-command', own.join(' ')],
      ...['--trust-anchors', site.pki.anchors],
    ];
    const renewed = await site.topology.client.run(process.execPath, args);
    expect([renewed.code, renewed.stderr]).toEqual([0, '']);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});

describe('a program that does not sign any more', () => {
  const site = Site.forEachTest(0);

  it('has what needs a signature dropped, which is counted and logged once, until it signs again', async () => {
    const credentials = await site.pki.server();
    const program = site.path('sign');
    const write = async (words: string): Promise<void> => {
      await writeFile(program, `#!/bin/sh\n${words}\n`);
      await chmod(program, 0o755);
    };
    const works = `exec /usr/bin/openssl dgst -sha256 -sign ${credentials.privateKey}`;
    await write(works);
    const settings = { 'private-key': undefined, 'private-key-command': [program] };
    const kea = await site.start(settings, { credentials });
    await write('echo the token is gone >&2; exit 3');
    const client = await site.client();
    const refused = await encryptedClient('lease', { ...client, more: ['--timeout', '4'] });
    expect(refused.code).not.toBe(0);
    const line = /ENCRYPTION_ENGINE_ERROR.*no signature: it ended with status 3: the token is gone/g;
    await until('the count', async () => (await kea.statistic('encryption-drop-signing-failed')) > 0);
    await until('the line', () => kea.log.match(line) !== null);
    expect(kea.log.match(line)).toHaveLength(1);
    await write(works);
    await leaseOk('lease', client);
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});
