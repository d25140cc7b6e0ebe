// SPDX-License-Identifier: MPL-2.0
import { join, resolve } from 'node:path';
import { run, Running } from '../support';

const ROOT = resolve(__dirname, '../../..');
/** As in the README: it prepares the machine, which takes its time, and runs the program. */
const SCRIPT = ['bash', join(ROOT, 'examples/demo/run.sh')] as const;
/** What has been prepared then. */
const PROGRAM = [process.execPath, join(ROOT, 'build/demo/examples/demo/main.js')] as const;

async function namespaces(): Promise<string[]> {
  return (await run('ip', ['netns', 'list'])).stdout.split('\n').filter((line) => line !== '');
}

describe('the demo', () => {
  it.each([
    ['A', SCRIPT, []],
    ['B', PROGRAM, ['--solution', 'B']],
  ] as const)(
    'leases by solution %s, finds nothing in clear and leaves nothing behind',
    async (_solution, [command, script], args) => {
      const demo = new Running(command, [script, ...args], { cwd: ROOT });
      await demo.waitForOutput(/server0 in (ke-\S+)/, 300_000);
      expect(await demo.exited).toMatchObject({ code: 0 });
      expect(demo.stdout).toMatch(/IA_NA\s+2001:db8:1::d00[0-9a-f]/);
      expect(demo.stdout).toMatch(/the client's DUID\s+\S+\s+nowhere in clear/);
      expect(demo.stdout).toContain('nothing leaked');
      expect(demo.stdout).not.toContain('IN CLEAR');
      const name = /server0 in (\S+)/.exec(demo.stdout)?.[1] ?? '';
      expect((await namespaces()).join(' ')).not.toContain(name);
    },
  );

  it('cleans up when it is interrupted, and says what it was doing', async () => {
    const [command, script] = PROGRAM;
    const demo = new Running(command, [script], { cwd: ROOT });
    const [, name = ''] = await demo.waitForOutput(/server0 in (ke-\S+)/, 300_000);
    expect((await namespaces()).join(' ')).toContain(name);
    expect(await demo.stop('SIGINT')).toMatchObject({ code: 130 });
    expect(demo.stderr).toMatch(/interrupted while at: \w+/);
    expect((await namespaces()).join(' ')).not.toContain(name);
  });
});
