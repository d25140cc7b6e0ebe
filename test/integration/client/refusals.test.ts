// SPDX-License-Identifier: MPL-2.0
import { CLIENT_INTERFACE, lookingLonger, type RunResult, SERVER_DUID, Site, tree } from '../support';

const duid = '00030001a1b2c3d4e5f6';
const iaid = 0x5ec2e71d;
const hostName = 'secret-host.example.net';
const [SOLICIT, ENCRYPTED_RESPONSE, ENCRYPTED_REQUEST, ENCRYPTED_REPLY] = [1, 252, 253, 254];

/** Whoever cannot be authenticated learns nothing of the client, and the user learns why: exit code 3. */
describe('servers that cannot be authenticated', () => {
  const site = Site.forEachTest(0);

  type Outcome = RunResult & { readonly types: readonly number[] };

  /** What the command ends with, and the message types that it has sent and got; it is to hear a server, or not. */
  function attempt(
    name: string,
    solution: 'A' | 'B',
    more: readonly string[],
    reports: boolean,
  ): Promise<Outcome> {
    return lookingLonger(
      (timeout) => look(name, solution, [...more, ...timeout]),
      ({ stderr }) => !reports || stderr.includes('answers were refused'),
    );
  }

  async function look(name: string, solution: 'A' | 'B', more: readonly string[]): Promise<Outcome> {
    const { certificate, privateKey } = await site.pki.client();
    // In solution B a random IAID is in clear (docs/protocol.md 3).
    const secret = solution === 'A' ? ['--iaid', String(iaid)] : [];
    const where = ['--interface', CLIENT_INTERFACE, '--solution', solution];
    const capture = await site.capture(`${name}-${solution}`);
    const result = await site.topology.client.runTree(process.execPath, [
      ...[tree.cli, 'client', name, ...where],
      ...['--certificate', certificate, '--private-key', privateKey],
      ...['--duid', duid, '--fqdn', hostName, ...secret, ...more],
    ]);
    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
    const iaidOctets = Buffer.alloc(4);
    iaidOctets.writeUInt32BE(iaid);
    const secrets = [Buffer.from(duid, 'hex'), Buffer.from('secret-host'), iaidOctets];
    expect(payloads.filter((payload) => secrets.some((one) => payload.includes(one)))).toEqual([]);
    return {
      ...result,
      types: [...new Set(payloads.map((payload) => payload[0] ?? 0))].sort((a, b) => a - b),
    };
  }

  it.each([
    [
      'A',
      [ENCRYPTED_REQUEST, ENCRYPTED_REPLY],
      new RegExp(`server ${SERVER_DUID.toString('hex').replace(/..(?!$)/g, '$&:')}`),
    ],
    ['B', [SOLICIT, ENCRYPTED_RESPONSE], /answers were refused/],
  ] as const)(
    'solution %s: say which server, which certificate and which rule',
    async (solution, types, server) => {
      const kea = await site.start({ solution });
      const stranger = await site.elsewhere();
      for (const name of ['lease', 'run']) {
        const untrusted = await attempt(name, solution, ['--trust-anchors', stranger.anchors], true);
        expect(untrusted).toMatchObject({ code: 3, types });
        expect(untrusted.stderr).toMatch(server);
        expect(untrusted.stderr).toMatch(/certificate 0 \(CN=dhcp\.example\.net\): .*issuer/);
      }
      const wrongName = ['--trust-anchors', site.pki.anchors, '--server-name', 'other.example.net'];
      const misnamed = await attempt('lease', solution, wrongName, true);
      expect(misnamed).toMatchObject({ code: 3, stdout: '', types });
      expect(misnamed.stderr).toMatch(server);
      expect(misnamed.stderr).toMatch(
        /the certificate of CN=dhcp\.example\.net is not one for the server name other\.example\.net/,
      );
      expect(await kea.leases()).toEqual([]);
    },
  );

  it.each([
    ['A', ENCRYPTED_REQUEST],
    ['B', SOLICIT],
  ] as const)('solution %s: only a server in clear is there', async (solution, type) => {
    const kea = await site.startWithoutHook();
    for (const name of ['lease', 'run', 'information-request']) {
      const result = await attempt(name, solution, ['--trust-anchors', site.pki.anchors], false);
      expect(result).toMatchObject({ code: 3, types: [type] });
      expect(result.stderr).toContain('no server authenticated itself');
    }
    expect(await kea.leases()).toEqual([]);
  });
});
