// SPDX-License-Identifier: MPL-2.0
import { createPublicKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveDuid } from '../../src/crypto';
import { decodeMessage, findOption, OptionCode } from '../../src/dhcpv6';
import {
  Capture,
  CLIENT_INTERFACE,
  clientSubnet,
  createTopology,
  dropCounts,
  encryptedClient,
  exchangeOk,
  hookedKea,
  ipv6Octets,
  KeaServer,
  leaseOk,
  Testbed,
  TestPki,
  type CredentialFiles,
  type EncryptedClientOptions,
  type HookedKeaOptions,
  type RunResult,
  type Topology,
} from './support';

jest.setTimeout(240_000);

const SERVER_NAME = 'dhcp.example.net';
const HOST_NAME = 'secret-host.example.net';
const IAID = 0x5ec2e71d;
/** Seconds to look for an authenticated server; and then for one that answers in clear. */
const PATIENCE = '3';
const OPPORTUNISTIC = ['--opportunistic', '--timeout', PATIENCE];
const WARNING = /^kea-encryption: WARNING: NOT ENCRYPTED: .*$/gm;

const [SOLICIT, ADVERTISE, REQUEST, RENEW, REBIND, REPLY, RELEASE] = [1, 2, 3, 5, 6, 7, 8];
const [CONFIRM, INFORMATION_REQUEST] = [4, 11];
const [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE, ENCRYPTED_REQUEST, ENCRYPTED_REPLY] = [251, 252, 253, 254];

/** RFC 7435: in clear where no server authenticates itself, and only if the user has said so. */
describe('the opportunistic client', () => {
  let testbed: Testbed;
  let pki: TestPki;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(join(testbed.directory, 'pki'));
  });

  afterEach(() => testbed.close());

  async function plainKea(topology: Topology): Promise<KeaServer> {
    return KeaServer.start({
      namespace: topology.server,
      directory: join(testbed.directory, 'kea'),
      interfaces: [topology.serverSocket],
      subnets: [{ ...clientSubnet(topology), more: { 'rapid-commit': true } }],
    });
  }

  async function kea(
    topology: Topology,
    parameters: NonNullable<HookedKeaOptions['parameters']>,
    credentials?: CredentialFiles,
  ): Promise<KeaServer> {
    const server = credentials ?? (await pki.server(SERVER_NAME));
    return KeaServer.start(await hookedKea(testbed, topology, { pki, credentials: server, parameters }));
  }

  /** Whose certificate the servers' authority has not issued. */
  async function stranger(): Promise<CredentialFiles> {
    const elsewhere = await TestPki.create(join(testbed.directory, 'elsewhere'));
    return elsewhere.client('stranger.example.net');
  }

  function client(
    topology: Topology,
    credentials: CredentialFiles,
    more: readonly string[] = [],
  ): EncryptedClientOptions {
    const common = ['--iaid', String(IAID), '--fqdn', HOST_NAME];
    const leaseFile = join(testbed.directory, 'lease.json');
    const { anchors } = pki;
    return { topology, anchors, credentials, serverName: SERVER_NAME, leaseFile, more: [...common, ...more] };
  }

  function opportunistic(
    options: EncryptedClientOptions,
    more: readonly string[] = [],
  ): EncryptedClientOptions {
    return { ...options, more: [...(options.more ?? []), ...OPPORTUNISTIC, ...more] };
  }

  function capture(topology: Topology): Promise<Capture> {
    return Capture.start(topology.client, CLIENT_INTERFACE, join(testbed.directory, 'client.pcap'));
  }

  async function payloads(of: Capture): Promise<Buffer[]> {
    return (await of.stopForDatagrams()).map(({ payload }) => payload);
  }

  function types(of: readonly Buffer[]): number[] {
    return [...new Set(of.map(([type]) => type ?? 0))].sort((a, b) => a - b);
  }

  /** What a client has under encryption: it is to be nowhere in clear. */
  async function secrets({ privateKey }: CredentialFiles): Promise<Buffer[]> {
    const spki = createPublicKey(await readFile(privateKey, 'utf8')).export({ type: 'spki', format: 'der' });
    const iaid = Buffer.alloc(4);
    iaid.writeUInt32BE(IAID);
    return [deriveDuid(spki), iaid, Buffer.from('secret-host')];
  }

  function showing(of: readonly Buffer[], what: readonly Buffer[]): number[] {
    return types(of.filter((payload) => what.some((one) => payload.includes(one))));
  }

  function warnings({ stderr }: RunResult): string[] {
    return stderr.match(WARNING) ?? [];
  }

  describe.each([
    [0, 'A', ENCRYPTED_REQUEST],
    [0, 'B', SOLICIT],
    [1, 'A', ENCRYPTED_REQUEST],
  ] as const)('a Kea without the hook, through %d relay(s), solution %s', (relays, solution, attempt) => {
    it('gives nothing to a client without the option, of which nothing is seen', async () => {
      const topology = await createTopology(testbed, relays);
      const server = await plainKea(topology);
      const credentials = await pki.client();
      const wire = await capture(topology);
      const iaid = solution === 'B' ? [] : ['--iaid', String(IAID)];
      const result = await encryptedClient('lease', {
        ...client(topology, credentials),
        more: ['--solution', solution, '--timeout', PATIENCE, '--fqdn', HOST_NAME, ...iaid],
      });
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toMatch(/no server authenticated itself/);
      expect(warnings(result)).toEqual([]);
      expect(await server.leases()).toEqual([]);
      const seen = await payloads(wire);
      expect(types(seen)).toEqual([attempt]);
      expect(showing(seen, await secrets(credentials))).toEqual([]);
      const named = seen.filter((one) => findOption(decodeMessage(one).options, OptionCode.ClientIdentifier));
      expect(named).toEqual([]);
    });

    it('serves every exchange in clear with the option, and none of it shows what is secret', async () => {
      const topology = await createTopology(testbed, relays);
      const server = await plainKea(topology);
      const credentials = await pki.client();
      const base = client(topology, credentials, ['--solution', solution, '--prefix']);
      const options = opportunistic(
        // In solution B the Solicit shows its IAID in clear: only a random one may be there.
        solution === 'A'
          ? base
          : { ...base, more: ['--solution', solution, '--prefix', '--fqdn', HOST_NAME] },
      );
      const wire = await capture(topology);

      const result = await encryptedClient('lease', options);
      expect(result.code).toBe(0);
      expect(warnings(result)).toEqual([
        expect.stringMatching(/no server authenticated itself.*going on in clear/),
      ]);
      const lease = JSON.parse(result.stdout) as { encrypted: boolean; clientIdentifier: string };
      expect(lease).toMatchObject({ encrypted: false, addresses: [{}], prefixes: [{}] });
      // A DUID-UUID of version 4, variant 10.
      expect(lease.clientIdentifier).toMatch(/^0004[\da-f]{12}4[\da-f]{3}[89ab][\da-f]{15}$/);
      const leases = await server.leases();
      expect(leases.map(({ type }) => type).sort()).toEqual(['IA_NA', 'IA_PD']);
      expect(new Set(leases.map(({ duid }) => duid))).toEqual(new Set([lease.clientIdentifier]));
      expect(JSON.parse(await readFile(options.leaseFile ?? '', 'utf8'))).toMatchObject({ encrypted: false });

      // Without the option nobody hears of the lease.
      for (const exchange of ['renew', 'rebind', 'confirm', 'release', 'decline']) {
        const refused = await encryptedClient(exchange, base);
        expect(refused).toMatchObject({ code: 1, stdout: '' });
        expect(refused.stderr).toMatch(/the lease was obtained in clear.*--opportunistic/);
      }
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
      expect(await exchangeOk('information-request', options)).toMatchObject({
        encrypted: false,
        addresses: [],
      });
      expect(await exchangeOk('release', options)).toMatchObject({ encrypted: false, acknowledged: true });
      expect(await server.leases()).toEqual([]);
      expect(existsSync(options.leaseFile ?? '')).toBe(false);

      const seen = await payloads(wire);
      const clear = [
        SOLICIT,
        ADVERTISE,
        REQUEST,
        CONFIRM,
        RENEW,
        REBIND,
        REPLY,
        RELEASE,
        INFORMATION_REQUEST,
      ];
      expect(types(seen)).toEqual([...new Set([...clear, attempt])].sort((a, b) => a - b));
      expect(showing(seen, await secrets(credentials))).toEqual([]);
      const own = Buffer.from(lease.clientIdentifier, 'hex');
      const named = clear.filter((type) => type !== INFORMATION_REQUEST);
      expect(showing(seen, [own])).toEqual(named);
    });
  });

  it('leases in two messages with rapid commit, to the DUID that the user has chosen, and declines', async () => {
    const topology = await createTopology(testbed, 0);
    const server = await plainKea(topology);
    const more = ['--rapid-commit', '--clear-duid', '00:03:00:01:02:03:04:05:06:07'];
    const wire = await capture(topology);
    const options = opportunistic(client(topology, await pki.client()), more);
    const lease = await leaseOk('lease', options);
    expect(lease.clientIdentifier).toBe('00030001020304050607');
    expect(await server.leases()).toMatchObject([
      { address: lease.addresses[0]?.address, duid: lease.clientIdentifier },
    ]);
    expect(types(await payloads(wire))).toEqual([SOLICIT, REPLY, ENCRYPTED_REQUEST]);
    expect(await exchangeOk('decline', options)).toMatchObject({ encrypted: false, acknowledged: true });
    expect(await server.statistic('declined-addresses')).toBe(1);
  });

  it.each(['A', 'B'])(
    'is as any other where a server authenticates itself, solution %s',
    async (solution) => {
      const topology = await createTopology(testbed, 0);
      const server = await kea(topology, { solution, mode: 'optional' });
      const credentials = await pki.client();
      const more = ['--solution', solution, '--opportunistic', '--prefix', '--fqdn', HOST_NAME];
      const options = { ...client(topology, credentials), more };
      const wire = await capture(topology);
      const result = await encryptedClient('lease', options);
      expect(result.code).toBe(0);
      expect(warnings(result)).toEqual([]);
      expect(JSON.parse(result.stdout)).toMatchObject({ encrypted: true });
      const leases = await server.leases();
      expect(await exchangeOk('renew', options)).toMatchObject({ encrypted: true });
      expect(await exchangeOk('release', options)).toMatchObject({ encrypted: true, acknowledged: true });
      const seen = await payloads(wire);
      const encrypted = [ENCRYPTED_QUERY, ENCRYPTED_RESPONSE];
      expect(types(seen)).toEqual(
        solution === 'A' ? [...encrypted, ENCRYPTED_REQUEST, ENCRYPTED_REPLY] : [SOLICIT, ...encrypted],
      );
      const hidden = leases.flatMap(({ duid, type, address }) => [
        Buffer.from(duid, 'hex'),
        ipv6Octets(address).subarray(0, type === 'IA_PD' ? 7 : 16),
      ]);
      expect(leases).toHaveLength(2);
      expect(showing(seen, [...hidden, ...(await secrets(credentials)).slice(2)])).toEqual([]);
      expect(await dropCounts(server)).toEqual({});
    },
  );

  it('is served in clear by a subnet of mode optional that does not trust it', async () => {
    const topology = await createTopology(testbed, 1);
    const server = await kea(topology, { mode: 'optional' });
    const options = client(topology, await stranger());
    const refused = { ...options, more: [...(options.more ?? []), '--timeout', PATIENCE] };
    expect(await encryptedClient('lease', refused)).toMatchObject({ code: 3, stdout: '' });
    expect(await server.leases()).toEqual([]);

    const lease = await leaseOk('lease', opportunistic(options));

    expect(lease).toMatchObject({ encrypted: false });
    expect(await server.leases()).toMatchObject([{ duid: lease.clientIdentifier }]);
    expect(await exchangeOk('release', opportunistic(options))).toMatchObject({ acknowledged: true });
    expect(await server.leases()).toEqual([]);
  });

  it.each([
    [false, /encryption was not possible \(no server authenticated itself\)/],
    [true, /\(the server CN=dhcp\.example\.net refused this client: it does not accept our credential/],
  ])('gets nothing from a subnet of mode encrypted; reports: %p', async (reports, why) => {
    const topology = await createTopology(testbed, 0);
    const server = await kea(topology, { mode: 'encrypted', 'report-failures': reports });
    const result = await encryptedClient('lease', opportunistic(client(topology, await stranger())));
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(warnings(result)).toEqual([expect.stringMatching(why)]);
    expect(result.stderr).toMatch(
      /^kea-encryption: no server authenticated itself, and none answered in clear$/m,
    );
    expect(await server.statistic('encryption-drop-cleartext-refused')).toBeGreaterThan(0);
    expect(await server.leases()).toEqual([]);
  });

  it('never falls back from a server whose key has changed', async () => {
    const topology = await createTopology(testbed, 0);
    const pins = ['--trust-on-first-use', join(testbed.directory, 'pins.json')];
    const credentials = await pki.client();
    const options = opportunistic(client(topology, credentials, pins));
    const before = await kea(topology, { mode: 'optional' });
    expect(await leaseOk('lease', options)).toMatchObject({ encrypted: true });
    await before.stop();
    // Another key for the same name, from the same authority.
    const after = await kea(topology, { mode: 'optional' }, await pki.server(SERVER_NAME));
    const leases = await after.leases();
    const wire = await capture(topology);

    for (const exchange of ['lease', 'renew', 'information-request']) {
      const result = await encryptedClient(exchange, options);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/^kea-encryption: THE KEY OF SERVER .* HAS CHANGED/m);
      expect(warnings(result)).toEqual([]);
    }
    expect(types(await payloads(wire))).toEqual([ENCRYPTED_REQUEST, ENCRYPTED_REPLY]);
    expect(await after.leases()).toEqual(leases);
  });

  it('keeps an encrypted lease out of the clear, and a lease in clear out of the encryption', async () => {
    const topology = await createTopology(testbed, 0);
    const credentials = await pki.client();
    const options = opportunistic(client(topology, credentials));
    const hooked = await kea(topology, { mode: 'optional' });
    const encrypted = await leaseOk('lease', options);
    expect(encrypted).toMatchObject({ encrypted: true });
    await hooked.stop();

    const plain = await plainKea(topology);
    const wire = await capture(topology);
    for (const exchange of ['renew', 'rebind', 'confirm', 'release', 'decline']) {
      const result = await encryptedClient(exchange, options);
      expect(result).toMatchObject({ code: 3, stdout: '' });
      expect(result.stderr).toMatch(/obtained encrypted, so nothing about it is sent in clear/);
    }
    expect(types(await payloads(wire))).toEqual([ENCRYPTED_REQUEST]);
    const clear = await leaseOk('lease', options);
    expect(clear).toMatchObject({ encrypted: false });
    expect(clear.clientIdentifier).not.toBe(encrypted.clientIdentifier);
    // It stays the same as long as the lease is there.
    expect((await leaseOk('lease', options)).clientIdentifier).toBe(clear.clientIdentifier);
    await plain.stop();

    await kea(topology, { mode: 'optional' });
    for (const exchange of ['renew', 'rebind', 'confirm']) {
      const result = await encryptedClient(exchange, options);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/obtained in clear, and a server has authenticated itself now/);
    }
    const again = await leaseOk('lease', options);
    expect(again).toMatchObject({ encrypted: true, clientIdentifier: encrypted.clientIdentifier });
  });

  it.each([
    [['--clear-duid', '00:03:00:01:02'], /without --opportunistic/],
    [['--opportunistic', '--timeout', '0'], /--timeout 0/],
    [
      ['--opportunistic', '--clear-duid', '00:03:00:01:02', '--duid', '00:03:00:01:02'],
      /used under encryption/,
    ],
    [
      ['--opportunistic', '--clear-duid', '00:04:00:00:00:00:00:00:80:00:80:00:00:00:00:00:00:00'],
      /derived from a key/,
    ],
  ])('refuses %p', async (more, words) => {
    const topology = await createTopology(testbed, 0);
    const result = await encryptedClient('lease', client(topology, await pki.client(), more));
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(words);
  });
});
