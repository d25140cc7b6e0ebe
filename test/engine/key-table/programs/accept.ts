// SPDX-License-Identifier: MPL-2.0
import { parentPort, workerData } from 'node:worker_threads';
import { KeyTable } from '../../../../src/engine/key-table';

interface Task {
  readonly directory: string;
  readonly keyId: string;
  /** Timestamps from 1 to this one are offered, each once. */
  readonly timestamps: number;
  /** The timestamp before the first, in decimal: NTP. */
  readonly base: string;
}

/** Offers timestamps for one key as fast as it can, beside others that offer the same; tells which were accepted. */
function accept(task: Task): number[] {
  const table = KeyTable.open({
    directory: task.directory,
    maxEntries: 1000,
    lifetime: 600,
    now: () => Date.UTC(2026, 0, 1),
  });
  const identity = {
    keyId: Buffer.from(task.keyId, 'hex'),
    spki: Buffer.alloc(91, 1),
    kind: 'public-key',
    certified: undefined,
    notAfter: undefined,
    text: 'client',
  } as const;
  const accepted: number[] = [];
  for (let count = 1; count <= task.timestamps; count += 1) {
    const timestamp = BigInt(task.base) + BigInt(count);
    const verdict = table.acceptTimestamp(identity, timestamp, timestamp, (last) =>
      last === undefined || timestamp > last.timestamp ? 'accept' : 'not-newer',
    );
    if (verdict === 'accept') {
      accepted.push(count);
    }
  }
  void table.close();
  return accepted;
}

if (parentPort === null) {
  process.once('message', (task: Task) => {
    process.send?.(accept(task), () => process.disconnect());
  });
  process.send?.('ready');
} else {
  const port = parentPort;
  port.once('message', () => port.postMessage(accept(workerData as Task)));
  port.postMessage('ready');
}
