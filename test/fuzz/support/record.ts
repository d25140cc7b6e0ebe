// SPDX-License-Identifier: MPL-2.0

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from '../../client/support/client-set-up';
import { EngineServer } from '../../client/support/engine-server';

export const serverIdentifier = Buffer.from('00030001000000000001', 'hex');
/** When it was recorded; keys are those of test/vectors/protocol/keys.json. */
export const recordedAt = Date.UTC(2026, 0, 1);

/** What one client and one server say to each other, each way: test/fuzz/corpus has it (FUZZ_RECORD=1 makes it anew). */
export async function record(): Promise<void> {
  const said: [toServer: string[], toClient: string[]] = [[], []];
  for (const solution of ['A', 'B'] as const) {
    for (const showsCredential of [false, true]) {
      const server = new EngineServer('server-P-256', serverIdentifier, { solution, reportFailures: true });
      const what = `solution ${solution}${showsCredential ? ', credential in clear' : ''}`;
      const set = setUp({
        solution,
        options: { showsCredential },
        answer: async (octets, now) => {
          const answers = await server.answer(octets, now);
          said[0].push(`${octets.toString('hex')} # ${what}`);
          said[1].push(...answers.map((answer) => `${answer.toString('hex')} # ${what}`));
          return answers;
        },
      });
      const lease = await set.client.obtain();
      await set.next().renew(lease);
      await set.next().release(lease);
      await server.engine.close();
    }
  }
  writeFileSync(join(__dirname, '../corpus/to-server.hex'), `${said[0].join('\n')}\n`);
  writeFileSync(join(__dirname, '../corpus/to-client.hex'), `${said[1].join('\n')}\n`);
}
