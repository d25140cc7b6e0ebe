// SPDX-License-Identifier: MPL-2.0
import { createConnection } from 'node:net';

/** Kea's answer to a control command: result 0 is success, 1 an error, 2 unsupported, 3 empty. */
export interface CommandAnswer {
  readonly result: number;
  readonly text?: string;
  readonly arguments?: unknown;
}

/** What Kea says to whom it has got no whole command from within ten seconds: nothing was done then. */
const UNHEARD = 'Connection over control channel timed out';

/** Sends one command over Kea's Unix control socket, and again where this process was too slow for Kea. */
export async function sendCommand(path: string, command: string, args?: unknown): Promise<CommandAnswer> {
  for (;;) {
    const answer = await sendOnce(path, command, args);
    if (answer.text?.startsWith(UNHEARD) !== true) {
      return answer;
    }
  }
}

/** Kea closes the connection behind its answer. */
function sendOnce(path: string, command: string, args: unknown): Promise<CommandAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = createConnection(path, () => {
      socket.write(JSON.stringify(args === undefined ? { command } : { command, arguments: args }));
    });
    socket.setEncoding('utf8');
    socket.setTimeout(120_000, () => socket.destroy(new Error(`no answer to ${command} on ${path}`)));
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      socket.end();
      try {
        const answer: unknown = JSON.parse(text);
        if (isAnswer(answer)) {
          resolve(answer);
          return;
        }
      } catch {
        // Falls through: what came is shown either way.
      }
      reject(new Error(`no answer to ${command} but: ${text}`));
    });
  });
}

function isAnswer(value: unknown): value is CommandAnswer {
  return typeof value === 'object' && value !== null && 'result' in value && typeof value.result === 'number';
}
