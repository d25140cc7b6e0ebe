// SPDX-License-Identifier: MPL-2.0
import {
  encryptedClient,
  exchangeOk,
  innerTypesOf,
  leaseOk,
  leaseSecrets,
  lookingLonger,
  SERVER_NAME,
  showing,
  Site,
  undueDrops,
  untilDropped,
} from '../support';
import {
  BRIEFLY,
  clientSecrets,
  HOST_NAME,
  leaseInClear,
  opportunistic,
  PATIENTLY,
  plainKea,
  secretiveClient,
  warnings,
} from '../support/opportunistic';

const SOLICIT = 1;
const [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE, ENCRYPTED_REQUEST, ENCRYPTED_REPLY] = [251, 252, 253, 254];

/** RFC 7435; how it is served in clear is in opportunistic-in-clear.test.ts. */
describe('the opportunistic client', () => {
  const site = Site.forEachTest();

  it.each(['A', 'B'])(
    'is as any other where a server authenticates itself, solution %s',
    async (solution) => {
      await site.connect(0);
      const server = await site.start({ solution, mode: 'optional' });
      const more = ['--solution', solution, '--opportunistic', '--prefix', '--fqdn', HOST_NAME];
      const client = await site.client({ more });
      const wire = await site.capture();
      const result = await encryptedClient('lease', client);
      expect(result.code).toBe(0);
      expect(warnings(result)).toEqual([]);
      expect(JSON.parse(result.stdout)).toMatchObject({ encrypted: true });
      const leases = await server.leases();
      expect(await exchangeOk('renew', client)).toMatchObject({ encrypted: true });
      expect(await exchangeOk('release', client)).toMatchObject({ encrypted: true, acknowledged: true });
      const seen = await wire.stopForPayloads();
      const encrypted = [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE];
      expect(innerTypesOf(seen)).toEqual(
        solution === 'A' ? [...encrypted, ENCRYPTED_REQUEST, ENCRYPTED_REPLY] : [SOLICIT, ...encrypted],
      );
      expect(leases).toHaveLength(2);
      const hidden = [...leaseSecrets(leases), ...(await clientSecrets(client.credentials)).slice(2)];
      expect(showing(seen, hidden)).toEqual([]);
      expect(await undueDrops(server)).toEqual({});
    },
  );

  it('is served in clear by a subnet of mode optional that does not trust it', async () => {
    await site.connect(1);
    const server = await site.start({ mode: 'optional' });
    const options = await secretiveClient(site, [], await site.stranger());
    const refused = { ...options, more: [...(options.more ?? []), ...BRIEFLY] };
    expect(await encryptedClient('lease', refused)).toMatchObject({ code: 1, stdout: '' });
    expect(await server.leases()).toEqual([]);

    const lease = await leaseInClear(options);

    expect(lease).toMatchObject({ encrypted: false });
    expect(await server.leases()).toMatchObject([{ duid: lease.clientIdentifier }]);
    expect(await exchangeOk('release', opportunistic(options))).toMatchObject({ acknowledged: true });
    expect(await server.leases()).toEqual([]);
  });

  it('gets nothing from a subnet of mode encrypted', async () => {
    const why = '(the server CN=dhcp.example.net refused this client: it does not accept our credential';
    await site.connect(0);
    const server = await site.start({ mode: 'encrypted' });
    const options = await secretiveClient(site, [], await site.stranger());
    const result = await lookingLonger(
      (timeout) => encryptedClient('lease', opportunistic(options, timeout)),
      ({ stderr }) => stderr.includes(why),
    );
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(warnings(result)).toEqual([expect.stringContaining(why)]);
    expect(result.stderr).toMatch(
      /^kea-encryption: no server authenticated itself, and none answered in clear$/m,
    );
    expect(await untilDropped(server, 'cleartext-refused')).toBeGreaterThan(0);
    expect(await server.leases()).toEqual([]);
  });

  it('never falls back from a server that has authenticated itself and then says nothing', async () => {
    await site.connect(0);
    const server = await site.start({ mode: 'optional', 'report-failures': false });
    const options = await secretiveClient(site, [], await site.stranger());
    const result = await lookingLonger(
      (timeout) => encryptedClient('lease', opportunistic(options, timeout)),
      ({ stderr }) => /did not answer$/m.test(stderr),
    );
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(warnings(result)).toEqual([]);
    expect(await server.leases()).toEqual([]);
  });

  it('never falls back from a server whose key has changed', async () => {
    await site.connect(0);
    const own = await secretiveClient(site, ['--trust-on-first-use', site.path('pins.json')]);
    const before = await site.start({ mode: 'optional' });
    expect(await leaseOk('lease', opportunistic(own, PATIENTLY))).toMatchObject({ encrypted: true });
    await before.stop();
    // Another key for the same name, from the same authority.
    const credentials = await site.pki.server(SERVER_NAME);
    const after = await site.start({ mode: 'optional' }, { credentials });
    const leases = await after.leases();
    const wire = await site.capture();
    // It looks for so long, and has to have heard the server by then.
    const options = opportunistic(own, ['--timeout', '15']);

    for (const exchange of ['lease', 'renew', 'information-request']) {
      const result = await encryptedClient(exchange, options);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/^kea-encryption: THE KEY OF SERVER .* HAS CHANGED/m);
      expect(warnings(result)).toEqual([]);
    }
    expect(innerTypesOf(await wire.stopForPayloads())).toEqual([ENCRYPTED_REQUEST, ENCRYPTED_REPLY]);
    expect(await after.leases()).toEqual(leases);
  });

  it('keeps an encrypted lease out of the clear, and a lease in clear out of the encryption', async () => {
    await site.connect(0);
    const own = await secretiveClient(site);
    const patient = opportunistic(own, PATIENTLY);
    const hooked = await site.start({ mode: 'optional' });
    const encrypted = await leaseOk('lease', patient);
    expect(encrypted).toMatchObject({ encrypted: true });
    await hooked.stop();

    const plain = await plainKea(site);
    const wire = await site.capture();
    const unanswered = ['renew', 'rebind', 'confirm', 'release', 'decline'].map(async (exchange) => {
      const result = await encryptedClient(exchange, opportunistic(own));
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toMatch(/obtained encrypted, so nothing about it is sent in clear/);
    });
    await Promise.all(unanswered);
    expect(innerTypesOf(await wire.stopForPayloads())).toEqual([ENCRYPTED_REQUEST]);
    const clear = await leaseInClear(own);
    expect(clear).toMatchObject({ encrypted: false });
    expect(clear.clientIdentifier).not.toBe(encrypted.clientIdentifier);
    // It stays the same as long as the lease is there.
    expect((await leaseInClear(own)).clientIdentifier).toBe(clear.clientIdentifier);
    await plain.stop();

    await site.start({ mode: 'optional' });
    for (const exchange of ['renew', 'rebind', 'confirm']) {
      const result = await encryptedClient(exchange, patient);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/obtained in clear, and a server has authenticated itself now/);
    }
    const again = await leaseOk('lease', patient);
    expect(again).toMatchObject({ encrypted: true, clientIdentifier: encrypted.clientIdentifier });
  });

  it.each([
    [['--clear-duid', '00:03:00:01:02'], /without --opportunistic/],
    [['--opportunistic', '--timeout', '0'], /--timeout 0/],
    [
      ['--opportunistic', '--clear-duid', '00:03:00:01:02', '--duid', '00:03:00:01:02'],
      /used under encryption/,
    ],
  ])('refuses %p', async (more, words) => {
    await site.connect(0);
    const result = await encryptedClient('lease', await secretiveClient(site, more));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(words);
  });
});
