// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import {
  clientSubnet,
  exchangeOk,
  KeaServer,
  keyOf,
  leaseOk,
  Site,
  unsanitized,
  type CredentialFiles,
  type EncryptedClientOptions,
  type KeaObject,
} from '../support';

const RESERVED = '2001:db8:1::42';
const DUID = '000300010a0b0c0d0e0f';
const NAME = 'printer.example.net';
const URI = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';

/** docs/classes-and-reservations.md */
describe('host reservations by certificate', () => {
  const site = Site.forEachTest(0);

  async function start(kind: string, flexId: string, more: KeaObject = {}): Promise<KeaServer> {
    const reservations = [{ 'flex-id': flexId, 'ip-addresses': [RESERVED] }];
    const kea = {
      subnets: [{ ...clientSubnet(site.topology), more: { reservations } }],
      more: {
        'host-reservation-identifiers': ['flex-id', 'duid'],
        // Kea 2.6 and later keep a released lease for the DUID that had it for an hour, reserved or not.
        'expired-leases-processing': { 'hold-reclaimed-time': 0 },
      },
    };
    return site.start({ 'host-identifier': kind, ...more }, { kea });
  }

  function client(
    credentials: CredentialFiles,
    more: readonly string[] = [],
    bareKey = false,
  ): Promise<EncryptedClientOptions> {
    return site.client({ credentials, more, bareKey });
  }

  /** The address that a client gets, which is then free again. */
  async function addressOf(client: Promise<EncryptedClientOptions>): Promise<string | undefined> {
    const options = await client;
    const lease = await leaseOk('lease', options);
    await exchangeOk('release', options);
    return lease.addresses[0]?.address;
  }

  const identifiers = unsanitized.rows(
    [['san-uri', `'${URI}'`]],
    [
      ['san-dns', `'${NAME}'`],
      ['common-name', Buffer.from('Printer.Example.net').toString('hex')],
    ],
  );
  it.each(identifiers)(
    'by %s follow the certificate whatever the DUID, and nobody else',
    async (kind, flexId) => {
      const kea = await start(kind, flexId);
      const name = 'Printer.Example.net';
      const first = await site.pki.client(name, { uri: URI });
      expect(await addressOf(client(first))).toBe(RESERVED);
      expect(await addressOf(client(first, ['--duid', DUID]))).toBe(RESERVED);
      const firstKey = await keyOf(first);

      // A bare key has no name.
      expect(await addressOf(client(await site.pki.client('bare'), [], true))).not.toBe(RESERVED);

      // Nor has another certificate's holder, not even with the DUID that had the reserved address.
      expect(await kea.command('encryption-key-del', { key: firstKey })).toMatchObject({ result: 0 });
      const other = await site.pki.client('other.example.net', { uri: 'urn:other' });
      expect(await addressOf(client(other, ['--duid', DUID]))).not.toBe(RESERVED);

      // A renewed certificate with another key, and another DUID.
      const renewed = await site.pki.client(name, { uri: URI, keyType: 'P-384' });
      expect(await addressOf(client(renewed, ['--duid', '000300010102030405ff']))).toBe(RESERVED);
    },
  );

  it('by key-sha256 follow the key, bare or certified', async () => {
    const credentials = await site.pki.client();
    await start('key-sha256', await keyOf(credentials));
    expect(await addressOf(client(credentials, [], true))).toBe(RESERVED);
    expect(await addressOf(client(credentials))).toBe(RESERVED);
    expect(await addressOf(client(await site.pki.client('other')))).not.toBe(RESERVED);
  });

  unsanitized.it('are found in solution B too', async () => {
    await start('san-dns', `'${NAME}'`, { solution: 'B' });
    const more = ['--solution', 'B'];
    expect(await addressOf(client(await site.pki.client(NAME), more))).toBe(RESERVED);
    expect(await addressOf(client(await site.pki.client('other.example.net'), more))).not.toBe(RESERVED);
  });

  unsanitized.it(
    'are found after the engine was started again, by a client that signs its query alone',
    async () => {
      const kea = await start('san-uri', `'${URI}'`);
      const options = await client(await site.pki.client(NAME, { uri: URI }));
      await leaseOk('lease', options);
      expect(await kea.reload()).toMatchObject({ result: 0 });
      expect(await leaseOk('renew', options)).toMatchObject({ addresses: [{ address: RESERVED }] });
    },
  );

  unsanitized.it('are not looked for by certificate unless the hook is set to', async () => {
    await start('none', `'${NAME}'`);
    expect(await addressOf(client(await site.pki.client(NAME)))).not.toBe(RESERVED);
  });

  it('need flex-id among the identifiers: anything else is refused', async () => {
    const kea = await KeaServer.prepare(await site.settings({ 'host-identifier': 'san-dns' }));
    expect((await kea.launchToFail()).code).not.toBe(0);
    expect(kea.log).toMatch(
      /parameters\.host-identifier: is set, but "flex-id" is not among Dhcp6\.host-reservation-identifiers/,
    );
  });
});
