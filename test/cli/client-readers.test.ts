// SPDX-License-Identifier: MPL-2.0

import { ignoreBrokenPipe } from '../../src/cli/print';

test('a broken pipe does not end the client daemon', () => {
  const before = [process.stdout, process.stderr].map(
    (output) => [output, output.listeners('error')] as const,
  );
  ignoreBrokenPipe();
  for (const [output, listeners] of before) {
    output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    output.removeAllListeners('error');
    listeners.forEach((listener) => output.on('error', listener as () => void));
  }
});
