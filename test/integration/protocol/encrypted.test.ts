// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { existsSync } from 'node:fs';
import type { IssuedKeyType } from '../../../src/pki';
import {
  Capture,
  clientSubnet,
  encryptedClient,
  exchangeOk,
  ipv6Octets,
  KeaServer,
  leaseOk,
  SERVER_DUID,
  Site,
  undueDrops,
  unsanitized,
  untilDropped,
  type KeaLease,
} from '../support';

describe('encrypted clients', () => {
  const site = Site.forEachTest();

  const find = (leases: readonly KeaLease[], type: KeaLease['type']): KeaLease => {
    const found = leases.filter((lease) => lease.type === type);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it.each(unsanitized.rows([0, 3], [1]))(
    'get, renew, rebind, confirm and release a lease through %d relay(s)',
    async (count) => {
      // Options beside Interface-Id: what the relay sent has to come back with what the hook answers itself.
      await site.connect(count, {
        before: [[37, '0000000901020304']],
        after: [[38, 'beef']],
      });
      const kea = await site.start({ mode: 'authenticated' });
      const options = await site.client({ more: ['--prefix', '--fqdn', 'secret-host.example.net'] });
      const capture = await site.capture();

      const lease = await leaseOk('lease', options);

      const leases = await kea.leases();
      const address = find(leases, 'IA_NA');
      const prefix = find(leases, 'IA_PD');
      expect(lease.serverIdentifier).toBe(SERVER_DUID.toString('hex'));
      expect(lease.clientIdentifier).toBe(address.duid);
      expect(lease.addresses).toMatchObject([{ address: address.address, iaid: address.iaid }]);
      expect(lease.prefixes).toMatchObject([{ prefix: `${prefix.address}/${prefix.prefixLength}` }]);
      expect(lease.addresses[0]).toMatchObject({ t1: 1800, t2: 2880, validLifetime: 3600 });

      expect(await leaseOk('renew', options)).toMatchObject({ addresses: [{ address: address.address }] });
      expect(await leaseOk('rebind', options)).toMatchObject({ addresses: [{ address: address.address }] });
      expect(await exchangeOk('confirm', options)).toMatchObject({ onLink: true });
      expect(await exchangeOk('information-request', options)).toMatchObject({ addresses: [] });
      expect(await exchangeOk('release', options)).toMatchObject({ acknowledged: true });
      expect(await kea.leases()).toEqual([]);

      const payloads = await capture.stopForPayloads();
      expect(new Set(payloads.map(([type]) => type))).toEqual(new Set([251, 252, 253, 254]));
      const secrets = [
        Buffer.from(address.duid, 'hex'),
        ipv6Octets(address.address),
        ipv6Octets(prefix.address),
        Buffer.from('secret-host'),
      ];
      expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
      expect(await undueDrops(kea)).toEqual({});
      expect(await kea.stop()).toMatchObject({ code: 0 });
    },
  );

  it('get what Kea returns to a relay back with what the hook answers itself, and nothing else', async () => {
    await site.connect(3, {
      before: [[37, '0000000901020304']],
      after: [[38, 'beef']],
    });
    await site.start();
    const capture = await Capture.start(site.topology.server, 'server0', site.path('server.pcap'));
    await leaseOk('lease', await site.client());
    const payloads = await capture.stopForPayloads();
    const isRequest = (octets: Buffer): boolean =>
      octets.includes(Buffer.from('relay-3')) && octets[0] === 12;
    const request = payloads.find((octets) => isRequest(octets) && octets.length > 400);
    const reply = payloads.find((octets) => octets[0] === 13);
    for (const level of ['relay-1', 'relay-2', 'relay-3']) {
      expect(request?.includes(Buffer.from(level))).toBe(true);
      expect(reply?.includes(Buffer.from(level))).toBe(true);
    }
    const occurrences = (octets: Buffer | undefined, hex: string): number =>
      (octets?.toString('hex').split(hex).length ?? 0) - 1;
    // Remote-Id and Subscriber-Id of each of the three relays.
    for (const option of ['002500080000000901020304', '00260002beef']) {
      expect(occurrences(request, option)).toBe(3);
      expect(occurrences(reply, option)).toBe(0);
    }
    expect(reply?.subarray(1, 34)).toEqual(request?.subarray(1, 34));
  });

  const keyTypes = unsanitized.rows<readonly [IssuedKeyType, IssuedKeyType]>(
    [['P-256', 'P-384']],
    [
      ['P-384', 'RSA-2048'],
      ['RSA-2048', 'P-256'],
      ['RSA-3072', 'RSA-2048'],
    ],
  );
  it.each(keyTypes)(
    'with a key of type %s get a lease from a server with %s',
    async (clientKey, serverKey) => {
      await site.connect(0);
      const kea = await site.start({}, { issue: { keyType: serverKey } });
      const lease = await leaseOk('lease', await site.client({ issue: { keyType: clientKey } }));
      expect(lease.addresses).toHaveLength(1);
      expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]!.address }]);
    },
  );

  it('with RSA-4096 keys and chains of three certificates are served through relays and fragments', async () => {
    await site.replaceAuthority({ keyType: 'RSA-4096', intermediates: 2 });
    await site.connect(2);
    const kea = await site.start({ mode: 'authenticated' }, { issue: { keyType: 'RSA-4096' } });
    const capture = await site.capture();
    const lease = await leaseOk('lease', await site.client({ issue: { keyType: 'RSA-4096' } }));
    expect(lease.addresses).toHaveLength(1);
    const sizes = (await capture.stopForDatagrams()).map(({ payload }) => payload.length);
    expect(Math.max(...sizes)).toBeGreaterThan(4000);
    expect(await undueDrops(kea)).toEqual({});
  });

  it('with a bare public key are served in mode encrypted and refused in mode authenticated', async () => {
    await site.connect(0);
    const options = await site.client({ bareKey: true });
    const encrypted = await site.start({ mode: 'encrypted' });
    expect((await leaseOk('lease', options)).addresses).toHaveLength(1);
    await encrypted.stop();

    const authenticated = await site.start({ mode: 'authenticated' });
    const refused = await encryptedClient('lease', { ...options, more: ['--timeout', '4'] });
    expect(refused.code).not.toBe(0);
    expect(await untilDropped(authenticated, 'mode-refused')).toBeGreaterThan(0);
    expect(await authenticated.leases()).toMatchObject([{ type: 'IA_NA' }]);
  });

  it('whose certificate comes from elsewhere are refused', async () => {
    await site.connect(0);
    const kea = await site.start();
    const credentials = await site.stranger();
    const refused = await encryptedClient(
      'lease',
      await site.client({ credentials, more: ['--timeout', '3'] }),
    );
    expect(refused.code).toBe(3);
    expect(await untilDropped(kea, 'authentication-fail')).toBeGreaterThan(0);
    expect(await kea.leases()).toEqual([]);
  });

  unsanitized.it('refuse a server that they do not trust, or that has another name', async () => {
    await site.connect(0);
    const kea = await site.start();
    const elsewhere = await site.elsewhere();
    const more = ['--timeout', '3'];
    const untrusted = await site.client({ anchors: elsewhere.anchors, more });
    expect((await encryptedClient('lease', untrusted)).code).toBe(3);
    const misnamed = await site.client({ serverName: 'other.example.net', more });
    expect((await encryptedClient('lease', misnamed)).code).toBe(3);
    expect(await kea.leases()).toEqual([]);
  });

  it.each(['renew', 'rebind'] as const)(
    'forget on %s a lease that its server has ended',
    async (exchange) => {
      await site.connect(0);
      const settings = await site.settings();
      const kea = await KeaServer.start(settings);
      const options = await site.client();
      const { address } = (await leaseOk('lease', options)).addresses[0]!;
      const reservation = { duid: '00:01:02:03:04:05', 'ip-addresses': [address] };
      await kea.configure({
        ...settings,
        subnets: [
          {
            ...clientSubnet(site.topology),
            pool: `${address}-${address}`,
            more: { reservations: [reservation] },
          },
        ],
      });
      expect((await kea.reload()).result).toBe(0);
      const { code, stderr } = await encryptedClient(exchange, options);
      expect([code, stderr]).toEqual([1, expect.stringContaining('has ended the lease')]);
      expect(existsSync(options.leaseFile!)).toBe(false);
    },
  );
});
