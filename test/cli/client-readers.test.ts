// SPDX-License-Identifier: MPL-2.0

import { outliveReaders } from '../../src/cli/client/outlive-readers';

test('whoever reads the output of a client that runs on may go', () => {
  const before = [process.stdout, process.stderr].map(
    (output) => [output, output.listeners('error')] as const,
  );
  outliveReaders();
  for (const [output, listeners] of before) {
    output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    output.removeAllListeners('error');
    listeners.forEach((listener) => output.on('error', listener as () => void));
  }
});
