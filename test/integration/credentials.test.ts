// SPDX-License-Identifier: MPL-2.0
import { X509Certificate } from 'node:crypto';
import { readFile, rm, mkdir } from 'node:fs/promises';
import {
  dropCounts,
  encryptedClient,
  leaseOk,
  SERVER_NAME,
  Site,
  type EncryptedClientOptions,
  type SiteClientOptions,
} from './support';

jest.setTimeout(120_000);

const CLIENT_NAME = 'very-private-name.example.org';
/** Shorter runs are in every certificate: object identifiers of algorithms, the heads of structures. */
const RUN = 12;
const ENCRYPTED_QUERY = 251;
const ENCRYPTED_RESPONSE = 252;

/** What a client shows of itself, where, and what a server makes of it (docs/protocol.md 4.3, RFC 7435). */
describe('credentials', () => {
  const site = Site.forEachTest(0);

  function client(options: SiteClientOptions = {}): Promise<EncryptedClientOptions> {
    return site.client({ name: CLIENT_NAME, ...options });
  }

  describe.each(['A', 'B'])('with solution %s', (solution) => {
    const solutionArguments = ['--solution', solution];

    it.each(['optional', 'encrypted'])('a bare public key is served in mode %s', async (mode) => {
      const kea = await site.start({ solution, mode });
      const lease = await leaseOk('lease', await client({ bareKey: true, more: solutionArguments }));
      expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]?.address }]);
      expect(await dropCounts(kea)).toEqual({});
    });

    it('a bare public key is refused and counted in mode authenticated', async () => {
      const kea = await site.start({ solution, mode: 'authenticated' });
      const more = [...solutionArguments, '--timeout', '2'];
      expect((await encryptedClient('lease', await client({ bareKey: true, more }))).code).not.toBe(0);
      expect(await dropCounts(kea)).toEqual({ 'mode-refused': expect.any(Number) });
      expect(await kea.leases()).toEqual([]);
    });
  });

  it('a private certificate is nowhere on the wire', async () => {
    const kea = await site.start({ mode: 'encrypted' });
    const options = await client({ more: ['--private-certificate'] });
    const capture = await site.capture();

    const lease = await leaseOk('lease', options);
    await leaseOk('renew', options);

    const payloads = await capture.stopForPayloads();
    expect(await kea.leases()).toMatchObject([{ address: lease.addresses[0]?.address }]);
    const { raw, publicKey } = new X509Certificate(await readFile(options.credentials.certificate));
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    // What both keys and all certificates of this authority have in common is no secret.
    const common = [spki.subarray(0, 26), await serverCertificate()];
    const isCommon = (run: Buffer): boolean => common.some((octets) => octets.includes(run));
    const runs = [raw, spki].flatMap((octets) => runsOf(octets)).filter((run) => !isCommon(run));
    expect(runs.some((run) => run.includes(Buffer.from('private')))).toBe(true);
    expect(runs.filter((run) => payloads.some((payload) => payload.includes(run)))).toEqual([]);
    expect(payloads.filter((payload) => payload.includes(Buffer.from('very-private')))).toEqual([]);
    // The search finds what is shown on purpose.
    expect(payloads.some((payload) => payload.includes(Buffer.from(SERVER_NAME)))).toBe(true);
  });

  it('a server that lost its key table serves the client again, within one retransmission', async () => {
    const kea = await site.start({ solution: 'B', mode: 'authenticated' });
    const options = await client({ more: ['--solution', 'B'] });
    const lease = await leaseOk('lease', options);

    await kea.stop();
    const state = site.path('state');
    await rm(state, { recursive: true });
    await mkdir(state);
    await kea.launch();
    const capture = await site.capture();

    const renewed = await leaseOk('renew', options);

    expect(renewed.addresses[0]?.address).toBe(lease.addresses[0]?.address);
    const types = (await capture.stopForPayloads()).map(([type]) => type ?? 0);
    // Nothing but queries and their responses: the credential is inside, nobody authenticated again.
    expect(new Set(types)).toEqual(new Set([ENCRYPTED_QUERY, ENCRYPTED_RESPONSE]));
    expect(types.filter((type) => type === ENCRYPTED_QUERY).length).toBeLessThanOrEqual(2);
  });

  async function serverCertificate(): Promise<Buffer> {
    const file = site.path(`pki/server-${SERVER_NAME}.pem`);
    return new X509Certificate(await readFile(file)).raw;
  }

  function runsOf(octets: Buffer): Buffer[] {
    return Array.from({ length: octets.length - RUN + 1 }, (_, start) => octets.subarray(start, start + RUN));
  }
});
