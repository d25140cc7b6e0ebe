// SPDX-License-Identifier: MPL-2.0

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientEvent, ScriptApplier } from '../../../src/client';
import { leaseOf } from '../daemon/support/daemon-set-up';
import { TestDirectory } from '../../support/test-directory';

const lease = leaseOf({ prefix: true }, 0);
const bound: ClientEvent = { interface: 'eth0', time: 0, type: 'bound', lease, previous: undefined };

describe('the script', () => {
  const directory = TestDirectory.forAllTests();
  const script = directory.file('script');
  const output = directory.file('output');

  test("gets odhcp6c's arguments, the lease's variables, and nothing of its user's environment", async () => {
    writeFileSync(script, `#!/bin/sh\necho "$@" > ${output}\nenv >> ${output}\n`, { mode: 0o755 });
    process.env['SECRET_OF_THE_USER'] = 'x';
    await new ScriptApplier(script, () => undefined).apply(bound);
    const [first, ...lines] = readFileSync(output, 'utf8').trim().split('\n');
    expect(first).toBe('eth0 bound');
    expect(lines).toEqual(
      expect.arrayContaining([
        `PATH=${String(process.env['PATH'])}`,
        'ADDRESSES=2001:db8::1/128,75,100',
        'new_dhcp6_ia_na1_ia_addr1=2001:db8::1',
      ]),
    );
    const own = lines.filter((line) => !/^(PATH|PWD|_|SHLVL|OLDPWD)=/.test(line));
    expect(
      own.filter((line) => !/^([A-Z]+|(new|old)_dhcp6_\w+|reason|interface|protocol|if_\w+)=/.test(line)),
    ).toEqual([]);
    expect(own.filter((line) => line.includes('SECRET'))).toEqual([]);
  });

  test('is not run at events that change nothing', async () => {
    writeFileSync(script, `#!/bin/sh\necho run > ${output}\n`, { mode: 0o755 });
    rmSync(output, { force: true });
    const applier = new ScriptApplier(script, () => undefined);
    await applier.apply({ interface: 'eth0', time: 0, type: 'link', up: true });
    expect(() => readFileSync(output)).toThrow();
  });

  test('is killed with all it has started when its time is over, and that is said', async () => {
    writeFileSync(script, '#!/bin/sh\nsleep 600 & wait\n', { mode: 0o755 });
    const notices: string[] = [];
    await new ScriptApplier(script, (text) => notices.push(text), 100).apply(bound);
    expect(notices).toEqual([
      `the script ${script} took too long at bound and is killed`,
      `the script ${script} failed at bound: exit SIGKILL`,
    ]);
  });
});
