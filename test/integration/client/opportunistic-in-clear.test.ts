// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { decodeMessage, findOption, OptionCode } from '../../../src/dhcpv6';
import { encryptedClient, exchangeOk, innerTypesOf, showing, Site, typesOf } from '../support';
import {
  BRIEFLY,
  clientSecrets,
  HOST_NAME,
  IAID,
  inClear,
  leaseInClear,
  opportunistic,
  plainKea,
  secretiveClient,
  warnings,
} from '../support/opportunistic';

const [SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE] = [1, 2, 3, 4, 5, 6, 7, 8];
const INFORMATION_REQUEST = 11;
const ENCRYPTED_REQUEST = 253;

/** RFC 7435: in clear where no server authenticates itself, and only if the user has said so. */
describe('the opportunistic client of a Kea without the hook', () => {
  const site = Site.forEachTest();

  describe.each([
    [0, 'A', ENCRYPTED_REQUEST],
    [0, 'B', SOLICIT],
    [1, 'A', ENCRYPTED_REQUEST],
  ] as const)('through %d relay(s), solution %s', (relays, solution, attempt) => {
    it('gets nothing without the option, and nothing is seen of it', async () => {
      await site.connect(relays);
      const server = await plainKea(site);
      const iaid = solution === 'B' ? [] : ['--iaid', String(IAID)];
      const options = await site.client({
        more: ['--solution', solution, ...BRIEFLY, '--fqdn', HOST_NAME, ...iaid],
      });
      const wire = await site.capture();
      const result = await encryptedClient('lease', options);
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toMatch(/no server authenticated itself/);
      expect(warnings(result)).toEqual([]);
      expect(await server.leases()).toEqual([]);
      const seen = await wire.stopForPayloads();
      expect(innerTypesOf(seen)).toEqual([attempt]);
      expect(showing(seen, await clientSecrets(options.credentials))).toEqual([]);
      const named = seen.filter((one) => findOption(decodeMessage(one).options, OptionCode.ClientIdentifier));
      expect(named).toEqual([]);
    });

    it('is served every exchange in clear with the option, and none of it shows what is secret', async () => {
      await site.connect(relays);
      const server = await plainKea(site);
      const base = await secretiveClient(site, ['--solution', solution, '--prefix']);
      // In solution B the Solicit shows its IAID in clear: only a random one may be there.
      const own =
        solution === 'A'
          ? base
          : { ...base, more: ['--solution', solution, '--prefix', '--fqdn', HOST_NAME] };
      const options = opportunistic(own);
      const wire = await site.capture();

      const result = await inClear('lease', own);
      expect(warnings(result)).toEqual([
        expect.stringMatching(/no server authenticated itself.*continuing in clear/),
      ]);
      const lease = JSON.parse(result.stdout) as { encrypted: boolean; clientIdentifier: string };
      expect(lease).toMatchObject({ encrypted: false, addresses: [{}], prefixes: [{}] });
      // A DUID-UUID of version 4, variant 10.
      expect(lease.clientIdentifier).toMatch(/^0004[\da-f]{12}4[\da-f]{3}[89ab][\da-f]{15}$/);
      const leases = await server.leases();
      expect(leases.map(({ type }) => type).sort()).toEqual(['IA_NA', 'IA_PD']);
      expect(new Set(leases.map(({ duid }) => duid))).toEqual(new Set([lease.clientIdentifier]));
      expect(JSON.parse(await readFile(options.leaseFile ?? '', 'utf8'))).toMatchObject({ encrypted: false });

      // Without the option nothing about the lease is sent.
      const withoutOption = ['renew', 'rebind', 'confirm', 'release', 'decline'].map(async (exchange) => {
        const refused = await encryptedClient(exchange, base);
        expect(refused).toMatchObject({ code: 1, stdout: '' });
        expect(refused.stderr).toMatch(/the lease was obtained in clear.*--opportunistic/);
      });
      await Promise.all(withoutOption);
      expect(await server.leases()).toEqual(leases);

      for (const exchange of ['renew', 'rebind']) {
        expect(await exchangeOk(exchange, options)).toMatchObject({
          encrypted: false,
          clientIdentifier: lease.clientIdentifier,
          addresses: [{ address: leases.find(({ type }) => type === 'IA_NA')?.address }],
        });
      }
      expect(await exchangeOk('confirm', options)).toEqual({
        event: 'confirm',
        encrypted: false,
        onLink: true,
      });
      expect(JSON.parse((await inClear('information-request', own)).stdout)).toMatchObject({
        encrypted: false,
        addresses: [],
      });
      expect(await exchangeOk('release', options)).toMatchObject({ encrypted: false, acknowledged: true });
      expect(await server.leases()).toEqual([]);
      expect(existsSync(options.leaseFile ?? '')).toBe(false);

      const seen = await wire.stopForPayloads();
      const named = [SOLICIT, ADVERTISE, REQUEST, CONFIRM, RENEW, REBIND, REPLY, RELEASE];
      const clear = [...named, INFORMATION_REQUEST];
      expect(innerTypesOf(seen)).toEqual([...new Set([...clear, attempt])].sort((a, b) => a - b));
      expect(showing(seen, await clientSecrets(options.credentials))).toEqual([]);
      expect(typesOf(showing(seen, [Buffer.from(lease.clientIdentifier, 'hex')]))).toEqual(named);
    });
  });

  it('leases in two messages with rapid commit, to the DUID that the user has chosen, and declines', async () => {
    await site.connect(0);
    const server = await plainKea(site);
    const more = ['--rapid-commit', '--clear-duid', '00:03:00:01:02:03:04:05:06:07'];
    const wire = await site.capture();
    const own = await secretiveClient(site);
    const lease = await leaseInClear(own, more);
    expect(lease.clientIdentifier).toBe('00030001020304050607');
    expect(await server.leases()).toMatchObject([
      { address: lease.addresses[0]?.address, duid: lease.clientIdentifier },
    ]);
    expect(innerTypesOf(await wire.stopForPayloads())).toEqual([SOLICIT, REPLY, ENCRYPTED_REQUEST]);
    expect(await exchangeOk('decline', opportunistic(own, more))).toMatchObject({
      encrypted: false,
      acknowledged: true,
    });
    expect(await server.statistic('declined-addresses')).toBe(1);
  });
});
