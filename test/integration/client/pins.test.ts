// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import {
  CLIENT_INTERFACE,
  lookingLonger,
  type PairServer,
  type RunResult,
  ServerPair,
  Site,
  tree,
} from '../support';

const DECRYPTED = 'encryption-decrypted';

/** Trust on first use: any DUID can be sent, so one that is not pinned is none to trust (RFC 7435). */
describe.each(['A', 'B'] as const)('of two servers of solution %s', (solution) => {
  let pair: ServerPair;
  const site = Site.forAllTests();
  const running = new Set<PairServer>();

  beforeAll(async () => {
    pair = await ServerPair.start(site, solution);
    running.add(pair.one).add(pair.two);
  });

  async function stop(server: PairServer): Promise<void> {
    running.delete(server);
    expect(await server.kea.stop()).toMatchObject({ code: 0 });
  }

  afterAll(async () => {
    for (const server of running) {
      await stop(server);
    }
  });

  const file = (): string => site.path(`${solution}.json`);
  const pinned = (): string[] => Object.keys(JSON.parse(readFileSync(file(), 'utf8')) as object).sort();

  async function lease(...more: readonly string[]): Promise<RunResult & { readonly server: unknown }> {
    const { certificate, privateKey } = await site.pki.client();
    const result = await pair.topology.client.runTree(process.execPath, [
      ...[tree.cli, 'client', 'lease', '--interface', CLIENT_INTERFACE, '--json', '--verbose'],
      ...['--certificate', certificate, '--private-key', privateKey, '--solution', solution],
      ...[
        '--trust-on-first-use',
        file(),
        ...(more.includes('--timeout') ? [] : ['--timeout', '180']),
        ...more,
      ],
    ]);
    const { serverIdentifier } =
      result.code === 0 ? (JSON.parse(result.stdout) as { readonly serverIdentifier: string }) : {};
    return { ...result, server: serverIdentifier };
  }

  /** It hears the server in this time, however busy the machine is, and is not served by it. */
  async function expectRefused({ duid }: PairServer): Promise<void> {
    const refusal = new RegExp(`the server ${duid}, CN=.* is none of those that`);
    const result = await lookingLonger(
      (timeout) => lease(...timeout),
      ({ stderr }) => refusal.test(stderr),
    );
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toMatch(refusal);
  }

  it('the client keeps to the pinned one, until the user lets it take the other in its absence', async () => {
    const { one, two } = pair;
    expect(await lease('--server-name', one.name)).toMatchObject({ code: 0, server: one.duid });
    expect(pinned()).toEqual([one.duid]);

    // Both are there.
    const decrypted = await two.kea.statistic(DECRYPTED);
    for (const more of [[], ['--trust-new-servers']]) {
      expect(await lease(...more)).toMatchObject({ code: 0, server: one.duid });
    }
    if (solution === 'A') {
      expect(await two.kea.statistic(DECRYPTED)).toBe(decrypted);
    }
    expect(await two.kea.leases()).toEqual([]);

    // Nobody but the one that is not pinned.
    await stop(one);
    await expectRefused(two);
    expect(await two.kea.leases()).toEqual([]);
    expect(pinned()).toEqual([one.duid]);

    const allowed = await lease('--trust-new-servers');
    expect(allowed).toMatchObject({ code: 0, server: two.duid });
    expect(allowed.stderr).toMatch(
      new RegExp(`^kea-encryption: NO PINNED SERVER ANSWERED: the new server CN=.*${two.duid}`, 'm'),
    );
    expect(pinned()).toEqual([one.duid, two.duid].sort());
    expect(await lease()).toMatchObject({ code: 0, server: two.duid });

    const removal = ['client', 'pins', 'remove', two.duid, '--trust-on-first-use', file()];
    expect(await pair.topology.client.run(process.execPath, [tree.cli, ...removal])).toMatchObject({
      code: 0,
    });
    await expectRefused(two);
  });
});
