// SPDX-License-Identifier: MPL-2.0
import { createPrivateKey } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkerIdentity } from '../../src/engine/worker-protocol';
import { readPemCertificates } from '../../src/pki';
import { RawClient } from '../engine/support/issued';
import {
  createTopology,
  hook,
  hookedKea,
  KeaServer,
  LaneEngine,
  leaseOk,
  SteadyClient,
  Testbed,
  TestPki,
  type CredentialFiles,
  type EncryptedClientOptions,
  type KeaObject,
  type KeaOptions,
  type Topology,
} from './support';

jest.setTimeout(240_000);

const SERVER_NAME = 'dhcp.example.net';

/** The server's key is replaced; clients that knew the old one move to the new one (docs/protocol.md 4, recipient tag). */
describe("a rollover of the server's key", () => {
  let testbed: Testbed;
  let topology: Topology;
  let pki: TestPki;
  let old: CredentialFiles;
  let next: CredentialFiles;
  let options: KeaOptions;
  let kea: KeaServer;

  beforeEach(async () => {
    testbed = await Testbed.create();
    topology = await createTopology(testbed, 0);
    pki = await TestPki.create(join(testbed.directory, 'pki'));
    old = await keep(await pki.server(SERVER_NAME), 'old');
    next = await keep(await pki.server(SERVER_NAME, { keyType: 'P-384' }), 'next');
    options = await hookedKea(testbed, topology, { pki, credentials: old });
    kea = await KeaServer.start(options);
  });

  afterEach(() => testbed.close());

  /** The next certificate of that name would be written over this one. */
  async function keep(files: CredentialFiles, name: string): Promise<CredentialFiles> {
    const kept = { certificate: path(`${name}.pem`), privateKey: path(`${name}.key`) };
    await copyFile(files.certificate, kept.certificate);
    await copyFile(files.privateKey, kept.privateKey);
    return kept;
  }

  function path(name: string): string {
    return join(testbed.directory, name);
  }

  function entry({ certificate, privateKey }: CredentialFiles): KeaObject {
    return { certificate, 'private-key': privateKey };
  }

  async function reconfigure(previous: readonly CredentialFiles[]): Promise<void> {
    const parameters = { 'previous-keys': previous.map(entry) };
    const hooks = [hook(testbed, { pki, credentials: next, parameters })];
    await kea.configure({ ...options, hooks });
    expect(await kea.reload()).toMatchObject({ result: 0 });
  }

  function fileClient(credentials: CredentialFiles): EncryptedClientOptions {
    const leaseFile = join(testbed.directory, 'lease.json');
    return { topology, anchors: pki.anchors, credentials, serverName: SERVER_NAME, leaseFile };
  }

  it('by config-reload with the old key kept: renewals with either key, then all with the new one', async () => {
    const file = fileClient(await pki.client('file.example.net'));
    const lease = await leaseOk('lease', file);
    const client = await SteadyClient.start(testbed, topology, {
      credentials: await pki.client('steady.example.net'),
      number: 1,
    });
    const first = await client.served('authenticate');
    expect(await client.served('lease')).toMatchObject({ served: true });
    const before = await kea.leases();

    await reconfigure([old]);

    // The engine is another one: the context went with it, the record and the old key did not.
    const reopened = await client.served('reopen');
    expect(reopened).toMatchObject({ served: true, serverKey: first.serverKey });
    const again = await client.served('authenticate');
    expect(again.served).toBe(true);
    expect(again.serverKey).not.toBe(first.serverKey);
    expect(await client.served('reopen')).toMatchObject({ served: true, serverKey: again.serverKey });
    await client.stop();
    expect(await leaseOk('renew', file)).toMatchObject({
      addresses: [{ address: lease.addresses[0]?.address }],
    });
    const addresses = (leases: typeof before): string[] => leases.map(({ address }) => address).sort();
    expect(addresses(await kea.leases())).toEqual(addresses(before));
  });

  it('by config-reload without the old key: clients authenticate again and keep their leases', async () => {
    const file = fileClient(await pki.client('file.example.net'));
    const lease = await leaseOk('lease', file);
    const client = await SteadyClient.start(testbed, topology, {
      credentials: await pki.client('steady.example.net'),
      number: 1,
    });
    const first = await client.served('authenticate');
    expect(await client.served('lease')).toMatchObject({ served: true });

    await reconfigure([]);

    expect(await client.take('reopen')).toMatchObject({ served: false });
    expect(await kea.statistic('encryption-drop-recipient-unknown')).toBeGreaterThan(0);
    const again = await client.served('authenticate');
    expect(again.serverKey).not.toBe(first.serverKey);
    expect(await client.served('reopen')).toMatchObject({ served: true });
    await client.stop();
    expect(await leaseOk('renew', file)).toMatchObject({
      addresses: [{ address: lease.addresses[0]?.address }],
    });
    expect(await kea.leases()).toHaveLength(2);
  });
});

/** What the control command encryption-reload has the engine do. */
describe('encryption-reload', () => {
  let testbed: Testbed;
  let pki: TestPki;
  let engine: LaneEngine;
  let first: WorkerIdentity;
  let client: RawClient;

  beforeEach(async () => {
    testbed = await Testbed.create();
    pki = await TestPki.create(path('pki'));
    first = await install('server');
    await install('previous');
    engine = await LaneEngine.start(testbed);
    expect(await engine.configure(configuration())).toBeUndefined();
    client = new RawClient(engine, await read(await pki.client()), first);
    expect(await client.request()).toMatchObject({ action: 'reply' });
    expect(await client.answer(await client.query(true))).toBe(true);
  });

  afterEach(() => testbed.close());

  function path(name: string): string {
    return join(testbed.directory, name);
  }

  function configuration(): KeaObject {
    const parameters = {
      certificate: path('server.pem'),
      'private-key': path('server.key'),
      'previous-keys': [{ certificate: path('previous.pem'), 'private-key': path('previous.key') }],
      'trust-anchors': [pki.anchors],
      'state-directory': path('state'),
      engine: { workers: 1 },
    };
    return { parameters, 'server-identifier': '0003000186734fd7564b', subnets: [] };
  }

  async function read({ certificate, privateKey }: CredentialFiles): Promise<WorkerIdentity> {
    const chain = readPemCertificates(await readFile(certificate));
    return { chain, privateKey: createPrivateKey(await readFile(privateKey)) };
  }

  /** A new certificate with a new key under that name. */
  async function install(name: string): Promise<WorkerIdentity> {
    const files = await pki.server();
    await copyFile(files.certificate, path(`${name}.pem`));
    await copyFile(files.privateKey, path(`${name}.key`));
    return read(files);
  }

  async function retire(): Promise<void> {
    await copyFile(path('server.pem'), path('previous.pem'));
    await copyFile(path('server.key'), path('previous.key'));
  }

  it('rolls over with the old key kept: the open context goes on, new ones take either key', async () => {
    await retire();
    const second = await install('server');
    expect(await engine.command('encryption-reload')).toMatchObject({
      result: 0,
      text: expect.stringContaining('Reloaded the certificate CN=dhcp.example.net'),
    });
    expect(await client.answer(await client.query(false))).toBe(true);
    client.turnTo(first);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
    client.turnTo(second);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  it('rolls over without it: the context is gone, the client is still known', async () => {
    const second = await install('server');
    expect(await engine.command('encryption-reload')).toMatchObject({ result: 0 });
    expect(await client.query(false)).toMatchObject({ action: 'drop', reason: 'recipient-unknown' });
    client.turnTo(second);
    expect(await client.query(true)).toMatchObject({ action: 'replace' });
  });

  it.each([
    [
      'the certificate of another key',
      () => copyFile(path('previous.pem'), path('server.pem')),
      'server.key',
    ],
    ['a spoilt trust anchor', () => writeFile(pki.anchors, 'nothing'), 'ca.pem'],
    [
      'a key that is cut off',
      () => writeFile(path('previous.key'), '-----BEGIN PRIVATE KEY-----\n'),
      'previous.key',
    ],
  ])('with %s changes nothing, and says which file of which setting is wrong', async (_, spoil, file) => {
    await spoil();
    const answer = await engine.command('encryption-reload');
    expect(answer).toMatchObject({ result: 1, text: expect.stringMatching(/^parameters\.[a-z-]+/) });
    expect(answer.text).toContain(path(file).replace(testbed.directory, ''));
    expect(engine.log.join('\n')).toMatch(/Nothing was reloaded, what was in force still is: parameters\./);
    expect(await client.answer(await client.query(false))).toBe(true);
    expect(await client.request()).toMatchObject({ action: 'reply' });
  });

  it('is one of the commands that there are', async () => {
    expect(await engine.command('encryption-nonsense')).toMatchObject({ result: 2 });
  });
});
