// SPDX-License-Identifier: MPL-2.0
import { writeFile } from 'node:fs/promises';
import { encryptedClient, type EncryptedClientOptions, type RunResult, Site } from '../support';

/** A client whose wall clock is wrong, against Kea whose clock is right (docs/protocol.md 6). */
describe('a client whose clock', () => {
  const site = Site.forAllTests(0);
  let options: EncryptedClientOptions;

  beforeAll(async () => {
    await site.start();
    options = await site.client();
  });

  /** @param seconds by which its clock is ahead */
  async function lease(seconds: number, ...more: string[]): Promise<RunResult> {
    const file = site.path(`clock-${seconds}.cjs`);
    const program = `const { now } = Date; Date.now = () => now() + ${seconds * 1000};\n`;
    await writeFile(file, program);
    return encryptedClient('lease', { ...options, node: ['--require', file], more });
  }

  it('was set back by 200 s after its last message is still served, and gets a notice', async () => {
    expect(await lease(0)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('clock') });
    const later = await lease(-200);
    expect(later.stderr).toMatch(
      /^kea-encryption: this system's clock went back: it says \d{4}-.*accept them$/m,
    );
    expect(later.code).toBe(0);
    expect(await lease(0)).toMatchObject({ code: 0 });
  });

  it('says 1970 gets a notice about the clock, and not only about its certificate', async () => {
    const result = await lease(-Date.now() / 1000 + 10);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /the certificate is valid from \d{4}-.*Z on, and this system's clock says 1970-01-01T00:00:1\d.*: set it if it is wrong$/m,
    );
  });
});
