// SPDX-License-Identifier: MPL-2.0
import { createPrivateKey } from 'node:crypto';
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { EndEntity, readPemCertificates } from '../../../src/pki';
import { RawClient } from '../../engine/support/issued';
import {
  ClockAhead,
  hook,
  KeaServer,
  LaneEngine,
  leaseOk,
  SERVER_NAME,
  Site,
  SteadyClient,
  until,
  type ClientLease,
  type CredentialFiles,
  type EncryptedClientOptions,
  type KeaObject,
  type KeaOptions,
  type SteadyAnswer,
} from '../support';

const SERVER_DUID = '0003000186734fd7564b';

/** Clients that the server knows, and its key as the second of them has seen it. */
interface Settled {
  readonly file: EncryptedClientOptions;
  readonly lease: ClientLease;
  readonly steady: SteadyClient;
  readonly serverKey: SteadyAnswer['serverKey'];
}

/** The server's key is replaced; clients that knew the old one move to the new one (docs/protocol.md 4). */
describe("a rollover of the server's key", () => {
  const site = Site.forEachTest(0);
  let old: CredentialFiles;
  let next: CredentialFiles;
  let options: KeaOptions;
  let kea: KeaServer;

  beforeEach(async () => {
    old = await keep(await site.pki.server(SERVER_NAME), 'old');
    next = await keep(await site.pki.server(SERVER_NAME, { keyType: 'P-384' }), 'next');
    options = await site.settings({ engine: { workers: 2 } }, { credentials: old });
    kea = await KeaServer.start(options);
  });

  /** The next certificate of that name would be written over this one. */
  async function keep(files: CredentialFiles, name: string): Promise<CredentialFiles> {
    const kept = { certificate: site.path(`${name}.pem`), privateKey: site.path(`${name}.key`) };
    await copyFile(files.certificate, kept.certificate);
    await copyFile(files.privateKey, kept.privateKey);
    return kept;
  }

  async function configureNext(): Promise<void> {
    const parameters = { engine: { workers: 2 } };
    const hooks = [hook(site.testbed, { pki: site.pki, credentials: next, parameters })];
    await kea.configure({ ...options, hooks });
  }

  /** A client with a lease in a file, and one with a lease and an open context. */
  async function settledClients(): Promise<Settled> {
    const file = await site.client({ name: 'file.example.net' });
    const lease = await leaseOk('lease', file);
    const steady = await SteadyClient.start(site.testbed, site.topology, {
      credentials: await site.pki.client('steady.example.net'),
      number: 1,
    });
    const { serverKey } = await steady.served('authenticate');
    expect(await steady.served('lease')).toMatchObject({ served: true });
    return { file, lease, steady, serverKey };
  }

  it('by config-reload: keys told under the old certificate live on, what is told next is under the new one', async () => {
    const { file, lease, steady: client, serverKey } = await settledClients();
    const before = await kea.leases();

    await configureNext();
    expect(await kea.reload()).toMatchObject({ result: 0 });

    // The engine is another one: the context went with it, the record and the encryption keys did not.
    expect(await client.served('reopen')).toMatchObject({ served: true, serverKey });
    const again = await client.served('authenticate');
    expect(again.serverKey).not.toBe(serverKey);
    expect(await client.served('reopen')).toMatchObject({ served: true, serverKey: again.serverKey });
    await client.stop();
    expect(await leaseOk('renew', file)).toMatchObject({
      addresses: [{ address: lease.addresses[0]?.address }],
    });
    const addresses = (leases: typeof before): string[] => leases.map(({ address }) => address).sort();
    expect(addresses(await kea.leases())).toEqual(addresses(before));
  });

  it('with the loss of all encryption keys: clients ask for new ones and keep their leases', async () => {
    const { file, lease, steady: client, serverKey } = await settledClients();

    await configureNext();
    await kea.stop();
    const { memory } = site.testbed;
    const files = await readdir(memory);
    expect(files).toHaveLength(1);
    await rm(join(memory, files[0] ?? ''));
    await kea.launch();

    expect(await client.take('reopen')).toMatchObject({ served: false });
    const again = await client.served('authenticate');
    expect(again.serverKey).not.toBe(serverKey);
    expect(await client.served('reopen')).toMatchObject({ served: true });
    await client.stop();
    expect(await leaseOk('renew', file)).toMatchObject({
      addresses: [{ address: lease.addresses[0]?.address }],
    });
    expect(await kea.leases()).toHaveLength(2);
  });
});

/** docs/protocol.md 4.4. */
describe('a rotation of encryption keys', () => {
  const site = Site.forEachTest();

  it('is of all workers at once, and ends what was opened to the old ones', async () => {
    const [workers, lifetime] = [3, 3600];
    const files = await site.pki.server();
    const clock = await ClockAhead.prepare(site.testbed, (lifetime + 400) * 1000);
    const engine = await LaneEngine.start(site.testbed, {
      ...clock.environment,
      RUNTIME_DIRECTORY: site.testbed.memory,
    });
    const parameters = {
      certificate: files.certificate,
      'private-key': files.privateKey,
      'trust-anchors': [site.pki.anchors],
      'state-directory': site.path('state'),
      'encryption-keys': { lifetime },
      engine: { workers },
    };
    expect(await engine.configure({ parameters, 'server-identifier': SERVER_DUID })).toBeUndefined();
    const clients: RawClient[] = [];
    for (engine.worker = 0; engine.worker < workers; engine.worker += 1) {
      const client = new RawClient(engine, await readIdentity(await site.pki.client()));
      expect(await client.answer(await client.open({ isShown: true }))).toBe(true);
      clients.push(client);
    }
    const told = clients.map(({ encryptionKey }) => encryptionKey);
    expect(new Set(told).size).toBe(1);
    const [file = ''] = await readdir(site.testbed.memory);
    const keys = (): Promise<Buffer> => readFile(join(site.testbed.memory, file));
    const before = await keys();

    await clock.leap();
    engine.ahead = clock.milliseconds;
    await until('new keys', async () => !(await keys()).equals(before));

    engine.worker = 0;
    for (const client of clients) {
      // The announcement is its answer: the key that it was opened to has ended.
      expect(await client.query()).toMatchObject({
        action: 'reply',
        text: expect.stringMatching(/context|key/),
      });
      await client.ask();
      engine.worker += 1;
    }
    const now = clients.map(({ encryptionKey }) => encryptionKey);
    expect(new Set(now).size).toBe(1);
    expect(now[0]).not.toBe(told[0]);
    // Whichever worker a context falls to.
    for (engine.worker = 0; engine.worker < workers; engine.worker += 1) {
      for (const client of clients) {
        expect(await client.answer(await client.open())).toBe(true);
      }
    }
  });
});

async function readIdentity({ certificate, privateKey }: CredentialFiles): Promise<WorkerIdentity> {
  const chain = readPemCertificates(await readFile(certificate));
  return { chain, privateKey: createPrivateKey(await readFile(privateKey)) };
}

/** What the control command encryption-reload has the engine do. */
describe('encryption-reload', () => {
  const site = Site.forEachTest();
  const path = (name: string): string => site.path(name);
  let engine: LaneEngine;
  let client: RawClient;

  beforeEach(async () => {
    await install('server');
    await install('previous');
    engine = await LaneEngine.start(site.testbed);
    expect(await engine.configure(configuration())).toBeUndefined();
    client = new RawClient(engine, await readIdentity(await site.pki.client()));
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await client.answer(await client.open())).toBe(true);
  });

  function configuration(): KeaObject {
    const parameters = {
      certificate: path('server.pem'),
      'private-key': path('server.key'),
      'previous-keys': [{ certificate: path('previous.pem'), 'private-key': path('previous.key') }],
      'trust-anchors': [site.pki.anchors],
      'state-directory': path('state'),
      engine: { workers: 1 },
    };
    return { parameters, 'server-identifier': SERVER_DUID };
  }

  /** A new certificate with a new key under that name. */
  async function install(name: string): Promise<WorkerIdentity> {
    const files = await site.pki.server();
    await copyFile(files.certificate, path(`${name}.pem`));
    await copyFile(files.privateKey, path(`${name}.key`));
    return readIdentity(files);
  }

  it('goes on with the open context and the keys that were told, and tells its keys under the new certificate', async () => {
    const told = client.serverKeyId;
    const { chain } = await install('server');
    expect(await engine.command('encryption-reload')).toMatchObject({
      result: 0,
      text: expect.stringContaining('Reloaded the certificate CN=dhcp.example.net'),
    });
    expect(await client.answer(await client.query())).toBe(true);
    expect(await client.answer(await client.open())).toBe(true);
    expect(client.serverKeyId).toEqual(told);

    expect(await client.ask()).toMatchObject({ action: 'reply' });
    expect(client.serverKeyId).toEqual(EndEntity.parse(Buffer.from(chain[0]!)).keyId);
    expect(await client.answer(await client.open())).toBe(true);
  });

  it.each([
    [
      'the certificate of another key',
      () => copyFile(path('previous.pem'), path('server.pem')),
      'server.key',
    ],
    ['a spoilt trust anchor', () => writeFile(site.pki.anchors, 'nothing'), 'ca.pem'],
    [
      'a key that is cut off',
      () => writeFile(path('previous.key'), '-----BEGIN PRIVATE KEY-----\n'),
      'previous.key',
    ],
  ])('with %s changes nothing, and says which file of which setting is wrong', async (_, spoil, file) => {
    await spoil();
    const answer = await engine.command('encryption-reload');
    expect(answer).toMatchObject({
      result: 1,
      text: expect.stringMatching(/^"\/.*\/engine\.conf"\.[a-z-]+/),
    });
    expect(answer.text).toContain(path(file).replace(site.testbed.directory, ''));
    expect(engine.log.join('\n')).toMatch(
      /Nothing was reloaded, what was in force still is: "\/.*\/engine\.conf"\./,
    );
    expect(await client.answer(await client.query())).toBe(true);
    expect(await client.request()).toMatchObject({ action: 'reply' });
  });

  it('is one of the commands that there are', async () => {
    expect(await engine.command('encryption-nonsense')).toMatchObject({ result: 2 });
  });
});
