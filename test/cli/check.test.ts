// SPDX-License-Identifier: MPL-2.0

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestDirectory } from '../support/test-directory';
import { command } from './support';

const directory = TestDirectory.forAllTests().path;
const authority = join(directory, 'pki');
const server = join(directory, 'server');

beforeAll(async () => {
  await command('pki', 'init', '--directory', authority);
  await command('pki', 'server', '--directory', authority, '--name', 'dhcp.example.net', '--out', server);
});

const right = {
  certificate: `${server}.pem`,
  'private-key': `${server}.key`,
  'trust-anchors': [join(authority, 'ca.pem')],
  'state-directory': directory,
};

function configuration(parameters: object, more: object = {}): string {
  const file = join(directory, 'kea.conf');
  const hook = { library: '/usr/lib/kea/hooks/libdhcp_encryption.so', parameters };
  writeFileSync(file, JSON.stringify({ Dhcp6: { 'hooks-libraries': [hook], ...more } }, undefined, 2));
  return file;
}

const accepted = (file: string) => ({
  code: 0,
  stdout: `${file}: the settings of the encryption hook, and the files that they name, are right\n`,
  stderr: '',
});

test('a right configuration is accepted with one line, which names it', async () => {
  const file = configuration(right, {
    subnet6: [{ id: 1, 'user-context': { encryption: { mode: 'encrypted' }, other: 1 } }],
  });
  expect(await command('check', file)).toMatchObject(accepted(file));
  const asJson = await command('check', '--json', file);
  expect({ code: asJson.code, ...(JSON.parse(asJson.stdout) as object) }).toEqual({
    code: 0,
    file,
    accepted: true,
    problems: [],
  });
});

test('every problem is a line with its place, setting and what would be right', async () => {
  const file = configuration({ ...right, mdoe: 'off', timestamp: { delta: -3 }, certificate: 7 });
  const { code, stdout } = await command('check', file);
  expect(code).toBe(1);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(3);
  for (const [name, words] of [
    ['mdoe', /mode/],
    ['timestamp.delta', /-3/],
    ['certificate', /7/],
  ] as const) {
    const line = lines.find((text) => text.includes(`parameters.${name}: `));
    expect(line).toMatch(words);
    expect(line).toMatch(/kea\.conf:\d+:\d+: /);
  }
});

test('the line is the one at which the setting stands', async () => {
  const file = configuration({ ...right, mode: 'on' });
  const line =
    readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('"mode"')) + 1;
  expect((await command('check', file)).stdout).toContain(`kea.conf:${line}:`);
});

test('modes of subnets, shared networks and the subnets in them are checked', async () => {
  const wrong = { 'user-context': { encryption: { mode: 'on' } } };
  const file = configuration(right, {
    subnet6: [{ id: 1 }, { id: 2, ...wrong }],
    'shared-networks': [{ name: 'n', ...wrong, subnet6: [{ id: 3, ...wrong }] }],
  });
  const { code, stdout } = await command('check', file);
  expect(code).toBe(1);
  for (const place of ['subnet6[1]', 'shared-networks[0]', 'shared-networks[0].subnet6[0]']) {
    expect(stdout).toContain(`Dhcp6.${place}.user-context.encryption.mode: "on" is not "off", `);
  }
});

test.each<[unknown, string | undefined]>([
  [{}, undefined],
  ['on', 'user-context.encryption: "on" is not a map'],
  [[], 'user-context.encryption: [] is not a map'],
  [{ mode: null }, 'user-context.encryption.mode: null is not "off", '],
  [
    { mode: 'off', mdoe: 'off' },
    'user-context.encryption.mdoe: is not a known setting: did you mean "mode"?',
  ],
])('"encryption": %j of a subnet is taken as the hook takes it', async (encryption, text) => {
  const file = configuration(right, { subnet6: [{ id: 1, 'user-context': { encryption } }] });
  const { code, stdout } = await command('check', file);
  expect(code).toBe(text === undefined ? 0 : 1);
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining(text ?? 'are right')]);
});

test('an included file is named with its own lines and columns', async () => {
  const included = join(directory, 'parameters.json');
  const file = join(directory, 'kea.conf');
  writeFileSync(included, `# settings\n{\n  "mode": "on",\n${JSON.stringify(right).slice(1)}`);
  writeFileSync(
    file,
    `{ "Dhcp6": { /* ours */ "hooks-libraries": [ {
      "library": "libdhcp_encryption.so",
      "parameters": <?include "${included}"?>, }, ], } }`,
  );
  const { code, stdout } = await command('check', file);
  expect(code).toBe(1);
  expect(stdout).toBe(
    `${included}:3:11: Dhcp6.hooks-libraries[0].parameters.mode: ` +
      '"on" is not "off", "optional", "encrypted" or "authenticated"\n',
  );
});

test('the hook loaded twice, and a configuration of another server', async () => {
  const hook = { library: 'libdhcp_encryption.so', parameters: right };
  const file = join(directory, 'kea.conf');
  writeFileSync(file, JSON.stringify({ Dhcp6: { 'hooks-libraries': [hook, hook] } }));
  expect(await command('check', file)).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/Dhcp6\.hooks-libraries\[1\]: libdhcp_encryption\.so is loaded twice\n$/),
  });
  writeFileSync(file, JSON.stringify({ Dhcp4: {} }));
  expect(await command('check', file)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining(':1:1: Dhcp6: is missing'),
  });
});

test('a certificate that is no server certificate is named', async () => {
  const client = join(directory, 'client');
  await command('pki', 'client', '--directory', authority, '--name', 'host.example.net', '--out', client);
  const file = configuration({ ...right, certificate: `${client}.pem`, 'private-key': `${client}.key` });
  expect(await command('check', file)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('parameters.certificate: '),
  });
});

test.each([
  [0o700, undefined],
  [0o770, undefined],
  [0o777, 'everybody can write to it (mode 0777); it must have mode 0700 or 0750'],
  [0o1777, 'everybody can write to it (mode 1777); it must have mode 0700 or 0750'],
])('a state directory of mode %o is taken as the engine takes it', async (mode, problem) => {
  const state = join(directory, 'state');
  mkdirSync(state, { recursive: true });
  chmodSync(state, mode);
  const { code, stdout } = await command('check', configuration({ ...right, 'state-directory': state }));
  expect(code).toBe(problem === undefined ? 0 : 1);
  const text = problem && `parameters.state-directory: "${state}" cannot be used: ${problem}`;
  expect(stdout.trim().split('\n')).toEqual([expect.stringContaining(text ?? 'are right')]);
});

test('a file without the hook, an unreadable file and broken JSON', async () => {
  const file = join(directory, 'kea.conf');
  writeFileSync(file, '{ "Dhcp6": { "hooks-libraries": [] } }');
  expect(await command('check', file)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('libdhcp_encryption.so is not among the hooks-libraries'),
  });
  writeFileSync(file, '{ "Dhcp6": { "hooks-libraries" [] } }');
  expect(await command('check', file)).toMatchObject({ code: 1, stdout: expect.stringContaining(':1:32: ') });
  const absent = join(directory, 'absent.conf');
  expect(await command('check', absent)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('absent.conf'),
  });
});

test('--json, and wrong usage', async () => {
  const { code, stdout } = await command('check', '--json', configuration({ ...right, mode: 'on' }));
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    accepted: false,
    problems: [
      { setting: 'Dhcp6.hooks-libraries[0].parameters.mode', position: { line: expect.any(Number) } },
    ],
  });
  expect(await command('check')).toMatchObject({ code: 2 });
});

describe('a host identifier', () => {
  const wanting = { ...right, 'host-identifier': 'san-uri' };

  test.each([
    [
      'is refused where Kea does not look reservations up by it',
      {},
      /parameters\.host-identifier: .*flex-id/,
    ],
    [
      'is refused where Kea looks reservations up by others',
      { 'host-reservation-identifiers': ['duid'] },
      /parameters\.host-identifier: .*"flex-id" is not among Dhcp6\.host-reservation-identifiers/,
    ],
  ])('%s', async (_name, more, words) => {
    const { code, stdout } = await command('check', configuration(wanting, more));
    expect(code).toBe(1);
    expect(stdout).toMatch(words);
    expect(stdout.trim().split('\n')).toHaveLength(1);
  });

  test('is accepted where Kea looks reservations up by it, and none needs nothing', async () => {
    const more = { 'host-reservation-identifiers': ['flex-id', 'duid'] };
    const file = configuration(wanting, more);
    expect(await command('check', file)).toMatchObject(accepted(file));
    const none = configuration({ ...right, 'host-identifier': 'none' });
    expect(await command('check', none)).toMatchObject(accepted(none));
  });

  test('of another kind is refused', async () => {
    const file = configuration(
      { ...right, 'host-identifier': 'uri' },
      { 'host-reservation-identifiers': ['flex-id'] },
    );
    expect((await command('check', file)).stdout).toMatch(/host-identifier: .*"san-uri", "san-dns"/);
  });
});

describe('the settings of an engine that the hook connects to', () => {
  const engine = { socket: '/run/kea-encryption/engine.sock' };

  function engineFile(settings: unknown, mode = 0o644): string {
    const file = join(directory, 'engine.conf');
    writeFileSync(file, `// own\n${JSON.stringify(settings, undefined, 2)}`);
    chmodSync(file, mode);
    return file;
  }

  /** The lines of a check of both files. */
  async function check(parameters: object, own: string): Promise<{ code: number; lines: string[] }> {
    const file = configuration({ engine, ...parameters });
    const { code, stdout } = await command('check', '--engine-config', own, file);
    return { code, lines: stdout.trim().split('\n') };
  }

  test('are checked with kea-dhcp6.conf, which then needs none of them', async () => {
    expect(await check({ mode: 'encrypted' }, engineFile(right))).toMatchObject({ code: 0 });
    expect(await check(right, engineFile(right))).toMatchObject({ code: 0 });
  });

  test('are not looked at where the hook starts the engine', async () => {
    const file = configuration(right);
    expect(await command('check', '--engine-config', '/nowhere', file)).toMatchObject(accepted(file));
  });

  test('are refused, at their place, where they are wrong', async () => {
    const own = engineFile({ ...right, 'trust-anchor': [], crls: ['/nowhere.pem'] });
    expect(await check({}, own)).toEqual({
      code: 1,
      lines: [expect.stringMatching(/engine\.conf:\d+:\d+: trust-anchor: is not a known setting/)],
    });
    const { lines } = await check({}, engineFile({ ...right, crls: ['/nowhere.pem'] }));
    expect(lines).toEqual([expect.stringMatching(/engine\.conf:\d+:\d+: crls\[0\]: \/nowhere\.pem: /)]);
  });

  test('are refused where the other file says something else, private keys included', async () => {
    const own = engineFile({ ...right, solution: 'A' });
    const other = { solution: 'B', 'private-key': '/other.key', 'draft-literal': true, mdoe: 'off' };
    const { code, lines } = await check(other, own);
    expect(code).toBe(1);
    for (const [name, text] of [
      ['solution', `differs from "${own}".solution: make them equal`],
      ['private-key', `differs from "${own}".private-key: make them equal`],
      ['draft-literal', `is the engine's own setting: name it in "${own}"`],
      ['mdoe', 'is not a known setting: did you mean "mode"?'],
    ] as const) {
      const line = lines.find((one) => one.includes(`parameters.${name}: ${text}`));
      expect(line).toMatch(/kea\.conf:\d+:\d+: /);
    }
    expect(lines).toHaveLength(4);
  });

  test('are refused where the file is missing, is no JSON or could have been written by others', async () => {
    for (const [file, text] of [
      ['/nowhere/engine.conf', /^\/nowhere\/engine\.conf:1:1: /],
      [engineFile(right, 0o664), /others than its owner may write to it/],
    ] as const) {
      expect(await check({}, file)).toEqual({ code: 1, lines: [expect.stringMatching(text)] });
    }
    const broken = engineFile(right);
    writeFileSync(broken, '{ "mode": }');
    expect(await check({}, broken)).toEqual({
      code: 1,
      lines: [expect.stringMatching(/engine\.conf:1:11: /)],
    });
  });
});

test('a program that does not sign is told, at its setting', async () => {
  const { 'private-key': key, ...others } = right;
  const sign = (program: string) => ['/bin/sh', '-c', program];
  const wrong = configuration({ ...others, 'private-key-command': sign('echo no token >&2; exit 1') });
  const { stdout } = await command('check', wrong);
  expect(stdout).toMatch(
    /parameters\.private-key-command: .* no signature: it ended with status 1: no token\n$/,
  );
  const signs = configuration({
    ...others,
    'private-key-command': sign(`openssl dgst -sha256 -sign ${key}`),
  });
  expect(await command('check', signs)).toMatchObject(accepted(signs));
});
