// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import {
  Capture,
  CLIENT_INTERFACE,
  createTopology,
  dropCounts,
  encryptedClient,
  exchangeOk,
  hookedKea,
  ipv6Octets,
  KeaServer,
  leaseOk,
  SERVER_DUID,
  Testbed,
  TestPki,
  type CredentialFiles,
  type EncryptedClientOptions,
  type HookedKeaOptions,
  type KeaLease,
  type Topology,
} from './support';

jest.setTimeout(180_000);

const SERVER_NAME = 'dhcp.example.net';

describe('encrypted clients', () => {
  let testbed: Testbed;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function start(
    topology: Topology,
    options: Partial<HookedKeaOptions> & { readonly serverCredentials?: CredentialFiles } = {},
  ): Promise<KeaServer> {
    const credentials = options.serverCredentials ?? (await pki.server(SERVER_NAME));
    return KeaServer.start(await hookedKea(testbed, topology, { pki, credentials, ...options }));
  }

  async function client(
    topology: Topology,
    options: Partial<EncryptedClientOptions> = {},
  ): Promise<EncryptedClientOptions> {
    const credentials = options.credentials ?? (await pki.client());
    const leaseFile = join(testbed.directory, 'lease.json');
    return { topology, anchors: pki.anchors, serverName: SERVER_NAME, leaseFile, ...options, credentials };
  }

  const find = (leases: readonly KeaLease[], type: KeaLease['type']): KeaLease => {
    const found = leases.filter((lease) => lease.type === type);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  it.each([0, 1, 3])('get, renew, rebind, confirm and release a lease through %d relay(s)', async (count) => {
    // Options beside Interface-Id: what the relay sent has to come back with what the hook answers itself.
    const topology = await createTopology(testbed, count, {
      before: [[37, '0000000901020304']],
      after: [[38, 'beef']],
    });
    const kea = await start(topology, { parameters: { mode: 'authenticated' } });
    const options = await client(topology, { more: ['--prefix', '--fqdn', 'secret-host.example.net'] });
    const capture = await Capture.start(
      topology.client,
      CLIENT_INTERFACE,
      join(testbed.directory, 'client.pcap'),
    );

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

    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
    expect(new Set(payloads.map(([type]) => type))).toEqual(new Set([251, 252, 253, 254]));
    const secrets = [
      Buffer.from(address.duid, 'hex'),
      ipv6Octets(address.address),
      ipv6Octets(prefix.address),
      Buffer.from('secret-host'),
    ];
    expect(payloads.filter((payload) => secrets.some((secret) => payload.includes(secret)))).toEqual([]);
    expect(await dropCounts(kea)).toEqual({});
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });

  it('get every option of a relay back with what the hook answers itself', async () => {
    const topology = await createTopology(testbed, 3, {
      before: [[37, '0000000901020304']],
      after: [[38, 'beef']],
    });
    await start(topology);
    const capture = await Capture.start(topology.server, 'server0', join(testbed.directory, 'server.pcap'));
    await leaseOk('lease', await client(topology));
    const payloads = (await capture.stopForDatagrams()).map(({ payload }) => payload);
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
    expect(occurrences(reply, '002500080000000901020304')).toBe(3);
    expect(occurrences(reply, '00260002beef')).toBe(3);
    expect(reply?.subarray(1, 34)).toEqual(request?.subarray(1, 34));
  });

  it.each([
    ['P-256', 'P-384'],
    ['P-384', 'RSA-2048'],
    ['RSA-2048', 'P-256'],
    ['RSA-3072', 'RSA-2048'],
  ] as const)('with a key of type %s get a lease from a server with %s', async (clientKey, serverKey) => {
    const topology = await createTopology(testbed, 0);
    const serverCredentials = await pki.server(SERVER_NAME, { keyType: serverKey });
    const kea = await start(topology, { serverCredentials });
    const credentials = await pki.client('mixed.example.net', { keyType: clientKey });
    const lease = await leaseOk('lease', await client(topology, { credentials }));
    expect(lease.addresses).toHaveLength(1);
    expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]!.address }]);
  });

  it('with RSA-4096 keys and chains of three certificates are served through relays and fragments', async () => {
    pki = await TestPki.create(join(testbed.directory, 'long'), { keyType: 'RSA-4096', intermediates: 2 });
    const topology = await createTopology(testbed, 2);
    const serverCredentials = await pki.server(SERVER_NAME, { keyType: 'RSA-4096' });
    const kea = await start(topology, { serverCredentials, parameters: { mode: 'authenticated' } });
    const credentials = await pki.client('long.example.net', { keyType: 'RSA-4096' });
    const capture = await Capture.start(
      topology.client,
      CLIENT_INTERFACE,
      join(testbed.directory, 'long.pcap'),
    );
    const lease = await leaseOk('lease', await client(topology, { credentials }));
    expect(lease.addresses).toHaveLength(1);
    const sizes = (await capture.stopForDatagrams()).map(({ payload }) => payload.length);
    expect(Math.max(...sizes)).toBeGreaterThan(4000);
    expect(await dropCounts(kea)).toEqual({});
  });

  it('with a bare public key are served in mode encrypted and refused in mode authenticated', async () => {
    const topology = await createTopology(testbed, 0);
    const options = await client(topology, { bareKey: true, more: ['--timeout', '4'] });
    const encrypted = await start(topology, { parameters: { mode: 'encrypted' } });
    expect((await leaseOk('lease', options)).addresses).toHaveLength(1);
    await encrypted.stop();

    const authenticated = await start(topology, { parameters: { mode: 'authenticated' } });
    const refused = await encryptedClient('lease', options);
    expect(refused.code).not.toBe(0);
    expect(
      Object.values(await dropCounts(authenticated)).reduce((sum, count) => sum + count, 0),
    ).toBeGreaterThan(0);
    expect(await authenticated.leases()).toMatchObject([{ type: 'IA_NA' }]);
  });

  it('whose certificate comes from elsewhere are refused', async () => {
    const topology = await createTopology(testbed, 0);
    const kea = await start(topology);
    const elsewhere = await TestPki.create(join(testbed.directory, 'elsewhere'));
    const credentials = await elsewhere.client();
    const refused = await encryptedClient(
      'lease',
      await client(topology, { credentials, more: ['--timeout', '3'] }),
    );
    expect(refused.code).toBe(3);
    expect(await dropCounts(kea)).toMatchObject({ 'authentication-fail': expect.any(Number) });
    expect(await kea.leases()).toEqual([]);
  });

  it('refuse a server that they do not trust, or that has another name', async () => {
    const topology = await createTopology(testbed, 0);
    const kea = await start(topology);
    const elsewhere = await TestPki.create(join(testbed.directory, 'elsewhere'));
    const more = ['--timeout', '3'];
    const untrusted = await client(topology, { anchors: elsewhere.anchors, more });
    expect((await encryptedClient('lease', untrusted)).code).toBe(3);
    const misnamed = await client(topology, { serverName: 'other.example.net', more });
    expect((await encryptedClient('lease', misnamed)).code).toBe(3);
    expect(await kea.leases()).toEqual([]);
  });
});
