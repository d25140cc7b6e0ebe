// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { existsSync } from 'node:fs';
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
  type SiteClientOptions,
} from '../support';

describe('encrypted clients', () => {
  const site = Site.forEachTest();

  const find = (leases: readonly KeaLease[], type: KeaLease['type']): KeaLease => {
    const found = leases.filter((lease) => lease.type === type);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it.each(unsanitized.rows([3], [0, 1]))(
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

  // The types that certificates have mostly: key-types.test.ts.
  unsanitized.it('with a key of type RSA-3072 get a lease from a server with RSA-2048', async () => {
    await site.connect(0);
    const kea = await site.start({}, { issue: { keyType: 'RSA-2048' } });
    const lease = await leaseOk('lease', await site.client({ issue: { keyType: 'RSA-3072' } }));
    expect(lease.addresses).toHaveLength(1);
    expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]!.address }]);
  });

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

  unsanitized.describe('and a server that are strangers to each other', () => {
    const strangers = Site.forAllTests(0);
    const more = ['--timeout', '3'];
    let kea: KeaServer;

    beforeAll(async () => {
      kea = await strangers.start();
    });

    async function gets(options: SiteClientOptions): Promise<number> {
      return (await encryptedClient('lease', await strangers.client({ more, ...options }))).code;
    }

    it('are refused where their certificate comes from elsewhere', async () => {
      expect(await gets({ credentials: await strangers.stranger() })).toBe(1);
      expect(await untilDropped(kea, 'authentication-fail')).toBeGreaterThan(0);
      expect(await kea.leases()).toEqual([]);
    });

    it('refuse a server that they do not trust, or that has another name', async () => {
      expect(await gets({ anchors: (await strangers.elsewhere()).anchors })).toBe(3);
      expect(await gets({ serverName: 'other.example.net' })).toBe(3);
      expect(await kea.leases()).toEqual([]);
    });
  });

  for (const exchange of ['renew', 'rebind']) {
    unsanitized.it(`forget on ${exchange} a lease that its server has ended`, async () => {
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
    });
  }
});
