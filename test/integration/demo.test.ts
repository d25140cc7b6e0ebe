// SPDX-License-Identifier: MPL-2.0
import { resolve } from 'node:path';
import { run, Running } from './support';

jest.setTimeout(180_000);

const SCRIPT = resolve(__dirname, '../../examples/demo/run.sh');

async function namespaces(): Promise<string[]> {
  return (await run('ip', ['netns', 'list'])).stdout.split('\n').filter((line) => line !== '');
}

describe('the demo', () => {
  it.each([
    ['A', []],
    ['B', ['--solution', 'B']],
  ])('leases by solution %s, finds nothing in clear and leaves nothing behind', async (_solution, args) => {
    const demo = new Running('bash', [SCRIPT, ...args]);
    await demo.waitForOutput(/server0 in (ke-\S+)/, 120_000);
    expect(await demo.exited).toMatchObject({ code: 0 });
    expect(demo.stdout).toMatch(/IA_NA\s+2001:db8:1::d000/);
    expect(demo.stdout).toMatch(/the client's DUID\s+\S+\s+nowhere in clear/);
    expect(demo.stdout).toContain('nothing leaked');
    expect(demo.stdout).not.toContain('IN CLEAR');
    const name = /server0 in (\S+)/.exec(demo.stdout)?.[1] ?? '';
    expect((await namespaces()).join(' ')).not.toContain(name);
  });

  it('cleans up when it is interrupted, and says what it was doing', async () => {
    const demo = new Running('bash', [SCRIPT]);
    const [, name = ''] = await demo.waitForOutput(/server0 in (ke-\S+)/, 120_000);
    expect((await namespaces()).join(' ')).toContain(name);
    expect(await demo.stop('SIGINT', 60_000)).toMatchObject({ code: 130 });
    expect(demo.stderr).toMatch(/interrupted while at: \w+/);
    expect((await namespaces()).join(' ')).not.toContain(name);
  });
});
