// SPDX-License-Identifier: MPL-2.0
import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { HookPeer, type Configured } from '../../bridge/support/hook-peer';
import {
  enginePid,
  KeaServer,
  leaseOk,
  run,
  Running,
  Site,
  tree,
  until,
  type KeaObject,
  type KeaOptions,
} from '../support';

/*
 * An engine serves by its own policy (docs/settings.md, "The engine's own file"):
 *   whose policy          -> "an engine with settings of its own", "what both files say", "an engine without settings"
 *   who may connect       -> "the user that connects"
 *   one Kea at a time     -> "a second Kea"
 *   a check is no service -> "kea-dhcp6 -T"
 *   started by the hook   -> "an engine that the hook starts"
 */

/** Users of the system that nothing else here runs as. */
const ENGINE_USER = 'daemon';
const KEA_USER = 65534;
const STRANGER = 2;

const SERVER_DUID = '0003000186734fd7564b';

const site = Site.forEachTest(0);
const path = (name: string): string => site.path(name);
const socket = (): string => path('run/engine.sock');
const config = (): string => path('engine.conf');

/** What of the engine's file no test changes. */
async function ownSettings(): Promise<KeaObject> {
  const { certificate, privateKey } = await site.pki.server();
  for (const [from, name] of [
    [certificate, 'own.pem'],
    [privateKey, 'own.key'],
    [site.pki.anchors, 'anchors.pem'],
  ] as const) {
    await copyFile(from, path(name));
    await chmod(path(name), name === 'own.key' ? 0o600 : 0o644);
  }
  const id = (await run('id', ['-u', ENGINE_USER])).stdout.trim();
  await chown(path('own.key'), Number(id), 0);
  return {
    certificate: path('own.pem'),
    'private-key': path('own.key'),
    'trust-anchors': [path('anchors.pem')],
    'state-directory': path('run/state'),
    engine: { workers: 1 },
  };
}

/** Writes the engine's file, with a comment as Kea allows it. */
async function writeConfig(settings: KeaObject, mode = 0o644): Promise<void> {
  await writeFile(config(), `// the engine's own\n${JSON.stringify(settings)}`);
  await chmod(config(), mode);
}

/** An engine as its unit has it: with a user of its own, who may write nothing but its state. */
async function startEngine(more: readonly string[] = ['--config', config()]): Promise<Running> {
  await chmod(site.testbed.directory, 0o711);
  await mkdir(path('run'), { recursive: true });
  const { stdout } = await run('id', ['-u', ENGINE_USER]);
  await chown(path('run'), Number(stdout), 0);
  const as = ['--reuid', ENGINE_USER, '--regid', ENGINE_USER, '--clear-groups', '--no-new-privs'];
  const command = [process.execPath, tree.cli, 'engine', '--socket', socket(), ...more];
  const engine = new Running('setpriv', [...as, ...command], { env: { RUNTIME_DIRECTORY: path('run') } });
  site.testbed.onClose(() => engine.stop());
  await until('the engine to listen', () => existsSync(socket()) || !engine.isRunning);
  return engine;
}

/** A connection as a process of that user makes one; the socket's own rights are no hindrance. */
async function connectAs(uid: number): Promise<{ peer: HookPeer; log: string[]; ended: Promise<string> }> {
  await chmod(socket(), 0o666);
  const log: string[] = [];
  let end: (reason: string) => void;
  const ended = new Promise<string>((resolve) => (end = resolve));
  const own = process.geteuid!();
  process.seteuid!(uid);
  try {
    const handlers = { log: (_: number, text: string) => log.push(text), closed: (why: string) => end(why) };
    const peer = HookPeer.connect(socket(), handlers);
    site.testbed.onClose(() => {
      peer.close();
      return Promise.resolve();
    });
    return { peer, log, ended };
  } finally {
    process.seteuid!(own);
  }
}

function configure(peer: HookPeer, parameters: KeaObject = {}, more: KeaObject = {}): Promise<Configured> {
  return peer.configure(JSON.stringify({ 'server-identifier': SERVER_DUID, parameters, ...more }));
}

/** What the engine says to these parameters of a Kea; each with a connection of its own. */
async function answerTo(parameters: KeaObject, more: KeaObject = { check: true }): Promise<string> {
  const { peer } = await connectAs(0);
  const { accepted, text } = await configure(peer, parameters, more);
  peer.close();
  return accepted ? 'accepted' : (JSON.parse(text) as { error: string }).error;
}

/** Kea's side: what the hook connects to, and nothing that is the engine's own. */
async function keaOptions(label?: string): Promise<KeaOptions> {
  const options = await site.settings({}, { ...(label !== undefined && { label }) });
  const parameters = { mode: 'authenticated', engine: { socket: socket(), timeout: 30_000 } };
  return { ...options, hooks: [{ library: tree.hook, parameters }] };
}

const limitOf = (pid: number): string =>
  /^Max core file size +(\S+) +(\S+)/m
    .exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))!
    .slice(1)
    .join(' ');

describe('an engine with settings of its own', () => {
  it('serves a Kea whose configuration names no key, and leaves no core', async () => {
    await writeConfig(await ownSettings());
    const engine = await startEngine();
    const kea = await KeaServer.start(await keaOptions());
    const client = await site.client();
    await leaseOk('lease', client);
    expect(limitOf(engine.pid)).toBe('0 0');
    // Kea's own new configuration is a new connection of the same process.
    expect(await kea.reload()).toMatchObject({ result: 0 });
    await leaseOk('renew', client);
    expect(engine.stderr).not.toContain('refused');
    expect(statSync(path('run/state')).mode & 0o777).toBe(0o700);
    expect(await kea.stop()).toMatchObject({ code: 0 });
    await until('the end to be logged', () => engine.stderr.includes('Kea has gone'));
  });

  it('takes a file that others could have written from nobody', async () => {
    const settings = await ownSettings();
    await writeConfig(settings);
    await startEngine();
    expect(await answerTo({})).toBe('accepted');
    for (const mode of [0o664, 0o646]) {
      await chmod(config(), mode);
      expect(await answerTo({})).toContain('cannot be read: others than its owner may write to it');
    }
    await chmod(config(), 0o644);
    await chown(config(), STRANGER, 0);
    expect(await answerTo({})).toContain(`it belongs to the user ${STRANGER}`);
  });

  it('tells what is wrong in its own file at its start and to Kea, and serves once it is right', async () => {
    const settings = await ownSettings();
    await writeConfig({ ...settings, 'trust-anchor': [] });
    const engine = await startEngine();
    const wrong = `"${config()}".trust-anchor: is not a known setting: did you mean "trust-anchors"?`;
    await engine.waitForOutput(/no connection is accepted with these settings/);
    expect(engine.stderr).toContain(wrong);
    expect(await answerTo({})).toBe(wrong);
    await writeConfig({ ...settings, 'private-key': path('none') });
    expect(await answerTo({})).toMatch(`"${config()}".private-key: ${path('none')}: `);
    await writeFile(config(), '{ "mode": }');
    expect(await answerTo({})).toContain(`${config()}:1:11: `);
    await writeConfig(settings);
    expect(await answerTo({})).toBe('accepted');
  });
});

describe('what both files say', () => {
  let own: KeaObject;

  beforeEach(async () => {
    own = { ...(await ownSettings()), solution: 'A', 'encryption-keys': { lifetime: 7200 } };
    await writeConfig(own);
    await startEngine();
  });

  it('is accepted if it is equal, and so is what only the hook acts on', async () => {
    const { 'private-key': _, ...open } = own;
    expect(await answerTo(open)).toBe('accepted');
    expect(await answerTo({ mode: 'encrypted', 'message-types': { 'encrypted-query': 201 } })).toBe(
      'accepted',
    );
    expect(await answerTo({ engine: { socket: socket(), timeout: 7 } })).toBe('accepted');
  });

  it.each([
    [{ 'state-directory': '/tmp/elsewhere' }, 'state-directory'],
    [{ certificate: '/etc/ssl/other.pem' }, 'certificate'],
    [{ 'trust-anchors': ['/tmp/mine.pem'] }, 'trust-anchors'],
    [{ 'encryption-keys': { lifetime: 3600 } }, 'encryption-keys.lifetime'],
    [{ solution: 'B' }, 'solution'],
    [{ engine: { workers: 9 } }, 'engine.workers'],
  ])('is refused if it differs, with both places: %j', async (parameters, name) => {
    const text = `parameters.${name}: differs from "${config()}".${name}: make them equal, or leave it out of kea-dhcp6.conf`;
    expect(await answerTo(parameters as KeaObject)).toBe(text);
    expect(await answerTo(parameters as KeaObject, {})).toBe(text);
    expect(existsSync('/tmp/elsewhere')).toBe(false);
  });

  it.each<[string, KeaObject[string]]>([
    ['draft-literal', true],
    ['crls', ['/tmp/crl.pem']],
    ['metrics', { socket: '/tmp/elsewhere' }],
    ['timestamp', { delta: 86_400 }],
  ])('has to be said by the engine, if it is the engine’s own: %s', async (name, value) => {
    expect(await answerTo({ [name]: value })).toBe(
      `parameters.${name}: is the engine's own setting: name it in "${config()}", not in kea-dhcp6.conf`,
    );
    expect(existsSync('/tmp/elsewhere')).toBe(false);
  });

  it('names no private key over the socket, not even the right one', async () => {
    for (const [name, value] of [
      ['private-key', own['private-key']],
      ['previous-keys', []],
    ] as const) {
      expect(await answerTo({ [name]: value })).toBe(
        `parameters.${name}: no connection names the engine's private keys`,
      );
    }
  });
});

describe('an engine without settings', () => {
  it('refuses every connection’s, and says what to do', async () => {
    await writeConfig(await ownSettings());
    await startEngine([]);
    const { 'private-key': _, ...open } = await ownSettings();
    for (const parameters of [{}, open]) {
      expect(await answerTo(parameters, {})).toMatch(
        /has no settings of its own.*start it with --config FILE/,
      );
    }
  });

  it('is not started with a user that there is not, nor without a socket', async () => {
    const started = (...args: string[]) => run(process.execPath, [tree.cli, 'engine', ...args]);
    expect(await started('--socket', path('s'), '--kea-user', 'nobody-at-all')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no user "nobody-at-all"'),
    });
    expect(await started('--config', config())).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--socket is missing'),
    });
  });
});

describe('the user that connects', () => {
  beforeEach(async () => writeConfig(await ownSettings()));

  it.each([
    ['by its number', String(KEA_USER)],
    ['by its name', 'nobody'],
  ])('is the one that is expected, %s, or root', async (_, user) => {
    const engine = await startEngine(['--config', config(), '--kea-user', user]);
    for (const uid of [KEA_USER, 0]) {
      const { peer } = await connectAs(uid);
      expect(await configure(peer, {}, { check: true })).toMatchObject({ accepted: true });
      peer.close();
    }
    for (let times = 0; times < 2; times += 1) {
      const { log, ended } = await connectAs(STRANGER);
      expect(await ended).toBe('ended');
      expect(log).toEqual([
        expect.stringContaining(`The user ${STRANGER} is not the one that the engine serves`),
      ]);
    }
    await engine.waitForOutput(/refused: process \d+ of user 2; --kea-user is 65534/);
    expect(engine.stderr.match(/refused/g)).toHaveLength(1);
    // Nor is the engine's own user, where Kea has another.
    const { ended } = await connectAs(1);
    expect(await ended).toBe('ended');
  });

  it('is the engine’s own where none is named', async () => {
    await startEngine();
    const { peer } = await connectAs(Number((await run('id', ['-u', ENGINE_USER])).stdout));
    expect(await configure(peer, {}, { check: true })).toMatchObject({ accepted: true });
    expect(await (await connectAs(KEA_USER)).ended).toBe('ended');
  });
});

describe('a second Kea', () => {
  it('is refused while the first is there, which is logged once, and served afterwards', async () => {
    await writeConfig(await ownSettings());
    const engine = await startEngine();
    const { peer } = await connectAs(0);
    expect(await configure(peer)).toMatchObject({ accepted: true });
    const kea = await KeaServer.prepare(await keaOptions());
    for (let times = 0; times < 2; times += 1) {
      expect(await kea.launchToFail()).not.toMatchObject({ code: 0 });
    }
    expect(kea.log).toContain(`the engine serves another Kea, process ${process.pid}, and one at a time`);
    const told = (process: string): number =>
      engine.stderr.match(new RegExp(`refused: a second Kea, process ${process},`, 'g'))?.length ?? 0;
    await until('both to be logged', () => told('\\d+') === 2);
    peer.close();
    await kea.launch();
    const client = await site.client();
    await leaseOk('lease', client);
    const { peer: other } = await connectAs(0);
    for (let times = 0; times < 2; times += 1) {
      expect((await configure(other)).text).toContain(`process ${kea.pid}, and one at a time`);
    }
    await leaseOk('renew', client);
    await kea.stop();
    await until('the end to be logged', () => /Kea has gone[^]*Kea has gone/.test(engine.stderr));
    expect([told(String(process.pid)), told('\\d+')]).toEqual([1, 3]);
    expect(await configure(other)).toMatchObject({ accepted: true });
  });

  it('is none where the same process comes again: its session before is over', async () => {
    await writeConfig(await ownSettings());
    await startEngine();
    const first = await connectAs(0);
    expect(await configure(first.peer)).toMatchObject({ accepted: true });
    const second = await connectAs(0);
    expect(await configure(second.peer)).toMatchObject({ accepted: true });
    expect(await first.ended).toBe('ended');
    const answer = await second.peer.command(JSON.stringify({ command: 'encryption-status' }));
    expect(JSON.parse(answer)).toMatchObject({ result: 0 });
  });
});

describe('kea-dhcp6 -T', () => {
  it('is answered while a Kea is served, and is not served itself', async () => {
    await writeConfig(await ownSettings());
    await startEngine();
    const first = await connectAs(0);
    expect(await configure(first.peer)).toMatchObject({ accepted: true });
    const check = await connectAs(0);
    expect(await configure(check.peer, { solution: 'C' }, { check: true })).toMatchObject({
      accepted: false,
    });
    expect(await configure(check.peer, {}, { check: true })).toMatchObject({ accepted: true });
    const lane = check.peer.openLane(0);
    await until('the lane to be refused', () => check.log.some((line) => line.includes('a lane before')));
    lane.close();
    const status = JSON.stringify({ command: 'encryption-status' });
    expect(JSON.parse(await check.peer.command(status))).toMatchObject({ result: 1 });
    expect(JSON.parse(await first.peer.command(status))).toMatchObject({ result: 0 });
  });
});

describe('an engine that the hook starts', () => {
  it('serves by kea-dhcp6.conf, and leaves no core', async () => {
    const kea = await site.start();
    await leaseOk('lease', await site.client());
    expect(limitOf(await enginePid(kea))).toBe('0 0');
    expect(limitOf(kea.pid)).not.toBe('0 0');
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});

describe('a socket that is passed, as systemd does', () => {
  it('is listened to, whoever made it', async () => {
    await writeConfig(await ownSettings());
    await mkdir(path('run'), { recursive: true });
    const listen = ['--listen', socket(), '--seqpacket'];
    const command = [process.execPath, tree.cli, 'engine', '--config', config()];
    const engine = new Running('systemd-socket-activate', [...listen, ...command]);
    site.testbed.onClose(() => engine.stop());
    await until('the socket', () => existsSync(socket()));
    const kea = await KeaServer.start(await keaOptions());
    await leaseOk('lease', await site.client());
    expect(await kea.stop()).toMatchObject({ code: 0 });
    await engine.stop();
    expect(existsSync(socket())).toBe(true);
  });
});
