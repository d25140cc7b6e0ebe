// SPDX-License-Identifier: MPL-2.0
import { runVerifier } from '../../../src/engine/key-table/verifier';
import { TestDirectory } from '../../support/test-directory';

describe('a verifying process', () => {
  const directory = TestDirectory.forAllTests();
  const program = (text: string): string => directory.write('program.cjs', text);

  it.each(['SIGABRT', 'SIGBUS', 'SIGSEGV'])(
    'that ends by %s has followed a corrupt table',
    async (signal) => {
      const verification = await runVerifier(program(`process.kill(process.pid, '${signal}')`), []);
      expect(verification).toEqual({ outcome: 'unusable', text: `its verification ended by ${signal}` });
    },
  );

  it.each(['SIGKILL', 'SIGTERM', 'SIGUSR2'])('that ends by %s says nothing of the table', async (signal) => {
    const verification = await runVerifier(program(`process.kill(process.pid, '${signal}')`), []);
    expect(verification).toEqual({ outcome: 'unverified', text: `its verification ended by ${signal}` });
  });

  it('has no port for an inspector', async () => {
    const text = `
      const inspector = require('node:inspector');
      inspector.open();
      process.exit(inspector.url() === undefined ? 0 : 1);`;
    expect(await runVerifier(program(text), [])).toEqual({ outcome: 'good', text: '' });
  });
});
