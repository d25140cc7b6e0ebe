// SPDX-License-Identifier: MPL-2.0
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createCrl, EndEntity, readPemCertificates } from '../../../src/pki';
import {
  Site,
  SteadyClient,
  undueDrops,
  until,
  untilDropped,
  type CredentialFiles,
  type KeaServer,
} from '../support';

/** CRLs that change while the server runs; nothing is restarted or reconfigured. */
describe('a CRL file', () => {
  const site = Site.forEachTest(0);
  let alice: CredentialFiles;
  let bob: CredentialFiles;
  let crl: string;
  let kea: KeaServer;

  beforeEach(async () => {
    const { pki } = site;
    [alice, bob] = [await pki.client('alice.example.net'), await pki.client('bob.example.net')];
    crl = site.path('root.crl');
    await publish(1n);
    kea = await site.start({
      crls: [crl],
      blocklist: { count: 0, window: 60, duration: 120 },
      engine: { workers: 2 },
    });
  });

  /** As a careful tool does it: whole, and renamed over the one before. */
  async function publish(number: bigint, ...revoked: readonly CredentialFiles[]): Promise<void> {
    const serials = await Promise.all(
      revoked.map(async ({ certificate }) => {
        const [der] = readPemCertificates(await readFile(certificate));
        return EndEntity.parse(der ?? Buffer.alloc(0)).serial;
      }),
    );
    await publishSerials(number, serials);
  }

  async function publishSerials(number: bigint, serials: readonly string[]): Promise<void> {
    const now = Date.now();
    const revocations = serials.map((serial) => ({
      serial,
      date: new Date(now),
      reason: 'keyCompromise' as const,
    }));
    const text = await createCrl({ authority: site.pki.authority, number, revocations, days: 1, now });
    await writeFile(`${crl}.new`, text);
    await rename(`${crl}.new`, crl);
  }

  /** A client that has a lease, in a context that is open. */
  async function settled(credentials: CredentialFiles, number: number): Promise<SteadyClient> {
    const client = await SteadyClient.start(site.testbed, site.topology, { credentials, number });
    expect(await client.served('authenticate')).toMatchObject({ served: true });
    expect(await client.served('lease')).toMatchObject({ served: true });
    return client;
  }

  function logged(text: RegExp): Promise<unknown> {
    return until(`${text} in the log`, () => text.test(kea.log));
  }

  function times(text: RegExp): number {
    return kea.log.match(new RegExp(text, 'g'))?.length ?? 0;
  }

  it('that revokes a client takes it at once, also where it was known, and nobody else', async () => {
    const [revoked, kept] = [await settled(alice, 1), await settled(bob, 2)];

    await publish(2n, alice);
    await logged(/Reloaded the CRLs: 1/);

    expect(await revoked.take('renew')).toMatchObject({ served: false });
    expect(await revoked.take('reopen')).toMatchObject({ served: false });
    expect(await revoked.take('authenticate')).toMatchObject({ served: false });
    expect(await untilDropped(kea, 'key-unknown')).toBe(1);
    expect(await untilDropped(kea, 'authentication-fail')).toBe(1);
    for (const step of ['renew', 'reopen', 'authenticate', 'lease'] as const) {
      expect(await kept.served(step)).toMatchObject({ served: true });
    }
  });

  it('that revokes an issuing authority takes its clients at once, and no other authority’s', async () => {
    // Neither has ever had a list, so none is asked for; the root has one.
    const [issuing, sibling] = [await site.pki.below('issuing'), await site.pki.below('sibling')];
    const [gone, kept] = [
      await settled(await issuing.client('carol.example.net'), 1),
      await settled(await sibling.client('dave.example.net'), 2),
    ];

    await publishSerials(2n, [issuing.authority.fields.serial]);
    await logged(/Reloaded the CRLs: 1/);

    expect(await gone.take('renew')).toMatchObject({ served: false });
    expect(await gone.take('reopen')).toMatchObject({ served: false });
    expect(await gone.take('authenticate')).toMatchObject({ served: false });
    expect(await untilDropped(kea, 'key-unknown')).toBe(1);
    expect(await untilDropped(kea, 'authentication-fail')).toBe(1);
    for (const step of ['renew', 'reopen', 'authenticate', 'lease'] as const) {
      expect(await kept.served(step)).toMatchObject({ served: true });
    }
  });

  it('that revokes a client while the server stands still takes it all the same', async () => {
    const [revoked, kept] = [await settled(alice, 1), await settled(bob, 2)];

    await kea.stop();
    await publish(2n, alice);
    await kea.launch();

    expect(await revoked.take('reopen')).toMatchObject({ served: false });
    expect(await untilDropped(kea, 'key-unknown')).toBe(1);
    expect(await kept.served('reopen')).toMatchObject({ served: true });
  });

  it.each([
    ['is gone', () => rm(crl)],
    ['is spoilt', () => writeFile(crl, 'nothing that could be a CRL\n')],
  ])('that %s is told once and lets nobody new in, until it is back', async (_, spoil) => {
    const known = await settled(alice, 1);
    const fresh = await SteadyClient.start(site.testbed, site.topology, { credentials: bob, number: 2 });

    await spoil();
    await logged(/A CRL cannot be used/);

    expect(await fresh.take('authenticate')).toMatchObject({ served: false });
    expect(await untilDropped(kea, 'authentication-fail')).toBe(1);
    // Who is known is served on: nothing says that it was revoked.
    expect(await known.served('renew')).toMatchObject({ served: true });
    expect(await known.served('reopen')).toMatchObject({ served: true });
    expect(times(/A CRL cannot be used/)).toBe(1);
    expect(kea.log).toMatch(/parameters\.crls\[0\]: .*root\.crl/);

    await publish(2n);
    await logged(/Reloaded the CRLs: 1/);
    expect(await fresh.served('authenticate')).toMatchObject({ served: true });
  });

  it('that names nobody new changes nothing for those who are served', async () => {
    const client = await settled(alice, 1);
    await publish(2n);
    await logged(/Reloaded the CRLs: 1/);
    expect(await client.served('renew')).toMatchObject({ served: true });
    expect(await client.served('authenticate')).toMatchObject({ served: true });
    expect(await undueDrops(kea)).toEqual({});
  });
});
