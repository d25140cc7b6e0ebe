// SPDX-License-Identifier: MPL-2.0
import { unwrapRelay } from '../../../src/dhcpv6';
import { readPemCertificates } from '../../../src/pki';
import {
  Capture,
  CLIENT_INTERFACE,
  undueDrops,
  exchangeOk,
  leaseOk,
  SERVER_NAME,
  Site,
  type CredentialFiles,
  type KeaServer,
} from '../support';

const WINDOW = 8;
const MOST = 5;
const branches = [0, 1, 3];

/** Every run of octets in `octets`, as long as a window. */
function windows(octets: Buffer, length = WINDOW): string[] {
  const count = Math.max(0, octets.length - length + 1);
  return Array.from({ length: count }, (_, index) => octets.toString('latin1', index, index + length));
}

function certificatesOf({ certificate }: CredentialFiles): Buffer {
  return Buffer.concat(readPemCertificates(certificate));
}

/** docs/protocol.md 5.1, 5.2: a client keeps its certificate from eavesdroppers unless --public-certificate. */
describe.each(['A', 'B'] as const)('the certificate in solution %s', (solution) => {
  const site = Site.forAllTests();
  let server: CredentialFiles;
  let kea: KeaServer;

  beforeAll(async () => {
    await site.connectBranches(branches);
    server = await site.pki.server(SERVER_NAME);
    kea = await site.start({ solution, mode: 'encrypted' }, { credentials: server });
  });

  /** All that crosses the client's link and the last one before the server, while a client has a lease. */
  async function overheard(
    index: number,
    credentials: CredentialFiles,
    more: readonly string[],
  ): Promise<Buffer[]> {
    const link = site.link(index);
    const [serverInterface = ''] = link.serverSocket.split('/');
    const file = (name: string): string => site.path(`${name}.pcap`);
    const captures = [
      await Capture.start(link.client, CLIENT_INTERFACE, file('near')),
      await Capture.start(link.server, serverInterface, file('far')),
    ];
    const all = await site.client({
      topology: link,
      credentials,
      name: `lease-${index}`,
      more: ['--solution', solution, ...more],
    });
    const lease = await leaseOk('lease', all);
    expect((await leaseOk('renew', all)).addresses[0]?.address).toBe(lease.addresses[0]?.address);
    expect(await exchangeOk('release', all)).toMatchObject({ acknowledged: true });
    const payloads: Buffer[] = [];
    for (const capture of captures) {
      const datagrams = await capture.stopForDatagrams();
      expect(datagrams.length).toBeGreaterThan(4);
      payloads.push(
        ...datagrams.map(({ payload }) => unwrapRelay(payload).message),
        ...datagrams.map(({ payload }) => payload),
      );
    }
    return payloads;
  }

  /**
   * Runs of octets of the certificate that the server's and the authority's do not have; nor most of it, or chance
   * would find the rest behind the same head of another key.
   */
  function specificWindows(credentials: CredentialFiles): Set<string> {
    const others = [certificatesOf(server), site.pki.authority.chain[0] ?? Buffer.alloc(0)];
    const common = new Set(others.flatMap((octets) => windows(octets, MOST)));
    const isSpecific = (window: string): boolean =>
      !common.has(window.slice(0, MOST)) && !common.has(window.slice(-MOST));
    return new Set(windows(certificatesOf(credentials)).filter(isSpecific));
  }

  function shown(payloads: readonly Buffer[], specific: ReadonlySet<string>): string[] {
    return payloads.flatMap((payload) => windows(payload).filter((window) => specific.has(window)));
  }

  it.each(branches.map((relays, index) => [relays, index] as const))(
    'shows no eight octets of the certificate through %d relay(s)',
    async (relays, index) => {
      const credentials = await site.pki.client(`hidden-${relays}.example.net`);
      const specific = specificWindows(credentials);
      // The name, the key and the signature are among them.
      const certificate = certificatesOf(credentials);
      expect(windows(Buffer.from(`hidden-${relays}`)).every((window) => specific.has(window))).toBe(true);
      expect(windows(certificate.subarray(-60)).every((window) => specific.has(window))).toBe(true);
      expect(specific.size).toBeGreaterThan(150);
      const before = await undueDrops(kea);

      expect(shown(await overheard(index, credentials, []), specific)).toEqual([]);

      expect(await undueDrops(kea)).toEqual(before);
      expect(kea.log).toContain(`CN=hidden-${relays}.example.net`);
    },
  );

  it('is seen with --public-certificate', async () => {
    const credentials = await site.pki.client('shown.example.net');
    const specific = specificWindows(credentials);
    expect(new Set(shown(await overheard(1, credentials, ['--public-certificate']), specific))).toEqual(
      specific,
    );
  });
});
