// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encryptedClient,
  enginePid,
  keyOf,
  leaseOk,
  pause,
  SERVER_NAME,
  Site,
  unsanitized,
  until,
  untilDropped,
  type CommandAnswer,
  type EncryptedClientOptions,
  type KeaObject,
  type KeaServer,
} from '../support';

const tree = join(__dirname, '../../..');
const LISTS = ['encryption-key-list', 'encryption-blocklist-list'];

/** docs/commands.md, over the control socket of a real Kea. */
describe('control commands', () => {
  function contextsIn({ arguments: status }: CommandAnswer): number {
    return (status as { readonly contexts: number }).contexts;
  }

  describe('of one server', () => {
    const site = Site.forAllTests(0);
    let kea: KeaServer;

    beforeAll(async () => {
      kea = await site.start({ engine: { workers: 2 } });
    });

    it('tell the status of engine, keys and certificate', async () => {
      await leaseOk('lease', await site.client());
      const answer = await kea.command('encryption-status');
      // Of a client that has sent a query once more, there is one more.
      expect(contextsIn(answer)).toBeGreaterThanOrEqual(1);
      expect(answer).toMatchObject({
        result: 0,
        arguments: {
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          solution: 'A',
          engine: { pid: await enginePid(kea), workers: 2, uptime: expect.any(Number) },
          keys: 1,
          'blocked-sources': 0,
          certificate: {
            subject: `CN=${SERVER_NAME}`,
            'not-after': expect.stringMatching(/^20\d\d-.*Z$/),
            'key-sha256': expect.stringMatching(/^[0-9a-f]{64}$/),
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          },
          crls: [],
        },
      });
    });

    it('refuse wrong arguments, and name them', async () => {
      const cases: readonly (readonly [string, unknown, RegExp])[] = [
        ...LISTS.flatMap((command) => [
          [command, { limit: 0 }, /^"limit" is 0: it must be an integer from 1 to 1000$/] as const,
          [command, { limit: '5' }, /^"limit" is "5": /] as const,
          [command, { from: 7 }, /^"from" is 7: /] as const,
          [command, { page: 1 }, /^"page" is not known: the command takes "from" and "limit"$/] as const,
          [command, [], /^"arguments" is \[\]: it must be a map$/] as const,
        ]),
        ['encryption-key-list', { from: 'abc' }, /^"from" is "abc": it must be the SHA-256/],
        ['encryption-key-get', {}, /^"key" is missing: it must be the SHA-256/],
        ['encryption-key-get', { key: 'ab' }, /^"key" is "ab": /],
        ['encryption-key-del', { key: true }, /^"key" is true: /],
        ['encryption-blocklist-clear', { source: 1 }, /^"source" is 1: /],
        ['encryption-status', { all: true }, /^"all" is not known: the command takes no arguments$/],
        ['encryption-reload', { all: true }, /^"all" is not known: the command takes no arguments$/],
      ];
      for (const [command, args, text] of cases) {
        expect({ command, args, ...(await kea.command(command, args)) }).toMatchObject({
          result: 1,
          text: expect.stringMatching(text),
        });
      }
      // Words of any length are repeated in part only, and the engine goes on.
      const engine = await enginePid(kea);
      for (const [command, name] of [
        ['encryption-key-get', 'key'],
        ['encryption-blocklist-clear', 'source'],
        ['encryption-status', '"'.repeat(20_000)],
      ] as const) {
        const answer = await kea.command(command, { [name]: '"'.repeat(10_000) });
        expect(answer.result).toBe(command === 'encryption-blocklist-clear' ? 3 : 1);
        expect(answer.text?.length).toBeLessThan(1000);
      }
      expect(await enginePid(kea)).toBe(engine);
      expect(await kea.command('encryption-nonsense')).toMatchObject({ result: 2 });
      expect(await kea.command('encryption-reload')).toMatchObject({ result: 0 });
    });

    it('are answered as the pages send them, also where that takes a while', async () => {
      const pid = await enginePid(kea);
      const pages = await Promise.all(
        ['README.md', 'docs/commands.md', 'docs/operations.md'].map((page) =>
          readFile(join(tree, page), 'utf8'),
        ),
      );
      const lines = pages.flatMap((page) => page.match(/^ *echo '\{.*\}' \| socat .*$/gm) ?? []);
      expect(lines).toHaveLength(pages.length);
      // By then socat would have given up, had it not been told to wait (socat(1), option -t).
      process.kill(pid, 'SIGSTOP');
      const answers = lines.map((line) =>
        kea.run('sh', ['-c', line.replace('/run/kea/kea6-ctrl-socket', kea.controlSocket)]),
      );
      await pause(1_500);
      process.kill(pid, 'SIGCONT');
      for (const { stdout } of await Promise.all(answers)) {
        expect(JSON.parse(stdout)).toMatchObject({ result: 0 });
      }
    });

    it('say so where the engine is down or silent, and Kea goes on', async () => {
      const pid = await enginePid(kea);
      process.kill(pid, 'SIGSTOP');
      const silent = await kea.command('encryption-status');
      expect(silent).toMatchObject({ result: 1, text: 'the encryption engine does not answer' });
      // The second one is not waited for: this many would take minutes.
      for (let i = 0; i < 30; i += 1) {
        expect(await kea.command('encryption-status')).toMatchObject({ result: 1 });
      }
      expect(await kea.command('status-get')).toMatchObject({ result: 0 });
      process.kill(pid, 'SIGCONT');
      await until('the engine to answer', async () => (await kea.command('encryption-status')).result === 0);
      process.kill(pid, 'SIGKILL');
      const down = await until('the engine to be down', async () => {
        const answer = await kea.command('encryption-status');
        return answer.result === 1 ? answer : undefined;
      });
      expect(down.text).toMatch(/not running/);
      await until('another engine', async () => (await kea.command('encryption-status')).result === 0);
    });
  });

  unsanitized.describe('for keys and sources', () => {
    const site = Site.forEachTest(0);
    let kea: KeaServer;

    async function start(parameters?: KeaObject): Promise<void> {
      kea = await site.start({ engine: { workers: 2 }, ...parameters });
    }

    function client(name: string, more: readonly string[] = []): Promise<EncryptedClientOptions> {
      return site.client({ name, more });
    }

    it('list keys in pages', async () => {
      await start();
      const keys: string[] = [];
      for (const name of ['c1.example.net', 'c2.example.net', 'c3.example.net']) {
        const one = await client(name);
        await leaseOk('lease', one);
        keys.push(await keyOf(one.credentials));
      }
      keys.sort();
      const first = await kea.command('encryption-key-list', { from: 'start', limit: 2 });
      expect(first).toMatchObject({
        result: 0,
        text: '2 keys found',
        arguments: { keys: [{ key: keys[0] }, { key: keys[1] }], count: 2, more: true },
      });
      const second = await kea.command('encryption-key-list', { from: keys[1], limit: 2 });
      expect(second).toMatchObject({
        result: 0,
        arguments: { keys: [{ key: keys[2] }], count: 1, more: false },
      });
      expect(await kea.command('encryption-key-list', { from: keys[2], limit: 2 })).toMatchObject({
        result: 3,
      });
      expect(await kea.command('encryption-key-list')).toMatchObject({
        arguments: { count: 3, more: false },
      });

      expect(await kea.command('encryption-key-get', { key: keys[0] })).toMatchObject({
        result: 0,
        arguments: {
          key: {
            key: keys[0],
            credential: 'certificate',
            name: expect.stringMatching(/^CN=c\d/),
          },
        },
      });
    });

    it('delete a key with its contexts: the client has to authenticate again, and does, and keeps its lease', async () => {
      await start();
      const options = await client('c1.example.net');
      const lease = await leaseOk('lease', options);
      const key = await keyOf(options.credentials);
      const contexts = contextsIn(await kea.command('encryption-status'));
      expect(contexts).toBeGreaterThanOrEqual(1);
      expect(await kea.command('encryption-key-del', { key })).toEqual({
        result: 0,
        text: 'key deleted',
        arguments: { 'closed-contexts': contexts },
      });
      expect(await kea.command('encryption-status')).toMatchObject({
        arguments: { keys: 0, contexts: 0 },
      });
      expect(await kea.command('encryption-key-get', { key })).toMatchObject({ result: 3 });
      expect(await kea.command('encryption-key-del', { key })).toMatchObject({ result: 3 });
      expect(await leaseOk('renew', options)).toMatchObject({
        addresses: [{ address: lease.addresses[0]?.address }],
      });
      expect(await kea.command('encryption-status')).toMatchObject({ arguments: { keys: 1 } });
    });

    it('list blocked sources and let them in again', async () => {
      await start({ blocklist: { count: 1, window: 60, duration: 3600 } });
      const good = await client('c1.example.net');
      const briefly = ['--timeout', '2'];
      const credentials = await site.stranger();
      await encryptedClient('lease', { ...good, credentials, more: briefly });
      await untilDropped(kea, 'authentication-fail');
      const listed = await until('the source to be blocked', async () => {
        const answer = await kea.command('encryption-blocklist-list');
        return answer.result === 0 && answer;
      });
      expect(listed).toMatchObject({
        result: 0,
        arguments: {
          sources: [{ address: expect.stringMatching(/^fe80::/), times: 1 }],
          count: 1,
          more: false,
        },
      });
      // Both workers ignore it, and it is one source.
      const status = await kea.command('encryption-status');
      expect(status).toMatchObject({ arguments: { 'blocked-sources': 1 } });
      // Which costs nobody a lease: with the cookie of the announcement a client has limits of its own.
      await leaseOk('lease', good);
      const { sources } = listed.arguments as { readonly sources: readonly { readonly source: string }[] };
      const source = sources[0]?.source ?? '';
      expect(await kea.command('encryption-blocklist-list', { from: source })).toMatchObject({ result: 3 });
      expect(await kea.command('encryption-blocklist-clear', { source: 'interface 99 00' })).toMatchObject({
        result: 3,
      });
      expect(await kea.command('encryption-blocklist-clear', { source })).toMatchObject({
        result: 0,
        arguments: { count: 1 },
      });
      expect(await kea.command('encryption-blocklist-clear')).toMatchObject({ result: 3 });
      expect(await kea.command('encryption-status')).toMatchObject({ arguments: { 'blocked-sources': 0 } });
    });
  });
});
