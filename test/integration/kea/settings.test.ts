// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { mkdtemp, writeFile } from 'node:fs/promises';
import {
  clientSubnet,
  hook,
  KeaServer,
  perfdhcp,
  Site,
  unsanitized,
  until,
  type CredentialFiles,
  type KeaObject,
  type KeaOptions,
  type PerfdhcpReport,
} from '../support';

describe('wrong settings', () => {
  const site = Site.forAllTests(0);
  let credentials: CredentialFiles;

  beforeAll(async () => {
    credentials = await site.pki.server();
  });

  async function options(parameters: KeaObject, kea: Partial<KeaOptions> = {}): Promise<KeaOptions> {
    const directory = await mkdtemp(site.path('kea-'));
    return site.settings(parameters, { credentials, kea: { directory, ...kea } });
  }

  /** Starts Kea, which is to refuse, and gives what it says about the reason. */
  async function refusal(keaOptions: KeaOptions): Promise<string> {
    const kea = await KeaServer.prepare(keaOptions);
    const exit = await kea.launchToFail();
    expect(exit.code).toBe(1);
    return /configuration error using file.*encryption hook: (.*)/.exec(kea.log)?.[1] ?? kea.log;
  }

  const wrong = unsanitized.rows<readonly [string, KeaObject, RegExp]>(
    [
      ['an unknown name', { certifcate: 'x' }, /certifcate.*certificate/],
      ['an engine that does not start', { engine: { node: '/bin/false' } }, /\/bin\/false/],
    ],
    [
      ['a solution that is none', { solution: 'C' }, /solution.*"C".*"A".*"B"/],
      ['a mode that is none', { mode: 'always' }, /mode.*"always".*"authenticated"/],
      [
        'a file that is not there',
        { certificate: '/nowhere/server.pem' },
        /certificate.*\/nowhere\/server\.pem/,
      ],
      ['a number that is out of range', { timestamp: { delta: -3 } }, /timestamp\.delta.*-3/],
      ['a value of another type', { blocklist: { count: 'ten' } }, /blocklist\.count.*"ten"/],
      ['two messages with one type', { 'message-types': { 'encrypted-query': 252 } }, /message-types/],
      ['no trust anchor', { 'trust-anchors': [] }, /trust-anchors/],
    ],
  );
  it.each(wrong)(
    '%s is named, with its value and what would be right',
    async (_what, parameters, message) => {
      expect(await refusal(await options(parameters))).toMatch(message);
    },
  );

  unsanitized.it('a key that does not match its certificate is named', async () => {
    const other = await site.pki.server('other.example.net');
    expect(await refusal(await options({ 'private-key': other.privateKey }))).toMatch(
      /private-key.*server-other\.example\.net\.key/,
    );
  });

  unsanitized.it('an expired certificate is named', async () => {
    const expired = await site.pki.server('expired.example.net', { days: 1, offset: -3 * 86_400_000 });
    expect(
      await refusal(await options({ certificate: expired.certificate, 'private-key': expired.privateKey })),
    ).toMatch(/certificate.*server-expired\.example\.net\.pem.*expired/);
  });

  unsanitized.it("a client's certificate is no server's", async () => {
    const client = await site.pki.client();
    expect(
      await refusal(await options({ certificate: client.certificate, 'private-key': client.privateKey })),
    ).toMatch(/certificate.*client-client\.example\.net\.pem.*serverAuth/);
  });

  unsanitized.it('a file that holds no certificate is named', async () => {
    const file = site.path('empty.pem');
    await writeFile(file, 'no certificate\n');
    expect(await refusal(await options({ 'trust-anchors': [file] }))).toMatch(/trust-anchors.*empty\.pem/);
  });

  it("a subnet's mode that is none is named", async () => {
    const subnets = [{ ...clientSubnet(site.topology), userContext: { encryption: { mode: 'sometimes' } } }];
    expect(await refusal(await options({}, { subnets }))).toMatch(
      /subnet 2001:db8:1::\/64".*"sometimes".*"authenticated"/,
    );
  });

  it('a reload with a wrong setting is answered with the reason, and lets nothing through in clear', async () => {
    const { testbed, topology, pki } = site;
    const solicit = (isLossy: boolean): Promise<PerfdhcpReport> =>
      perfdhcp({ namespace: topology.client, clients: 3, exchanges: 3, isLossy });
    const good = await options({ mode: 'encrypted' });
    const kea = await KeaServer.start(good);
    const wrong = hook(testbed, { pki, credentials, parameters: { mode: 'encrypted', solution: 'C' } });
    await kea.configure({ ...good, hooks: [wrong] });

    const answer = await kea.reload();

    expect(answer.result).toBe(1);
    expect(answer.text).toMatch(/encryption hook:.*solution.*"C"/);
    const { sent, received } = (await solicit(true)).solicitAdvertise;
    expect(sent).toBeGreaterThanOrEqual(3);
    expect(received).toBe(0);

    await kea.configure({ ...good, hooks: [hook(testbed, { pki, credentials })] });
    expect(await kea.reload()).toMatchObject({ result: 0 });
    const served = await solicit(false);
    expect(served.requestReply).toMatchObject({ sent: 3, received: 3 });
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  /** Kea 2.2 has the command, which loads the libraries anew for the configuration in force; later ones know none. */
  it('let the hook serve on, as strict as before, after libreload', async () => {
    const subnets = [{ ...clientSubnet(site.topology), userContext: { encryption: { mode: 'encrypted' } } }];
    const kea = await KeaServer.start(await options({}, { subnets }));
    const { result } = await kea.command('libreload');
    expect([0, 2]).toContain(result);
    expect(await kea.command('encryption-status')).toMatchObject({ result: 0 });
    await perfdhcp({ namespace: site.topology.client, clients: 1, exchanges: 1, isLossy: true });
    await until('the refusal', async () => (await kea.statistic('encryption-drop-cleartext-refused')) > 0);
    await kea.stop();
  });
});
