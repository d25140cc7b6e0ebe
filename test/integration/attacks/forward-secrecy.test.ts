// SPDX-License-Identifier: MPL-2.0
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ClockAhead,
  type KeaServer,
  RunningClient,
  SERVER_NAME,
  Site,
  until,
  type CredentialFiles,
} from '../support';
import { readings, Recording } from './support/recording';

/** Seconds: the least lifetime that a server's encryption keys may have, and how far its clock leaps at the sign. */
const [lifetime, leap] = [3600, 4000] as const;

/** Has a Node.js process write down what it draws at random: a client that keeps its keys. */
const drawn = (file: string): string => `
const { appendFileSync } = require('node:fs');
const crypto = require('node:crypto');
const { randomBytes } = crypto;
crypto.randomBytes = (...args) => {
  const octets = randomBytes(...args);
  appendFileSync(${JSON.stringify(file)}, octets.toString('hex') + '\\n');
  return octets;
};`;

/** All files of a directory and those below it, with their octets in every reading. */
async function filesIn(directory: string): Promise<Buffer[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))));
  return contents.flatMap(readings);
}

/** Who records an exchange and comes by every file of both ends and their certificates' keys later opens nothing (docs/protocol.md 4.4). */
describe.each(['A', 'B'] as const)('a recorded exchange of solution %s', (solution) => {
  const site = Site.forAllTests(0);
  let clock: ClockAhead;
  let credentials: CredentialFiles;
  let own: CredentialFiles;
  let kea: KeaServer;
  let client: RunningClient;
  let recording: Recording;

  beforeAll(async () => {
    credentials = await site.pki.server(SERVER_NAME);
    own = await site.pki.client();
    await writeFile(site.path('drawn.cjs'), drawn(site.path('drawn')));
    clock = await ClockAhead.prepare(site.testbed, leap * 1000);
    const env = clock.environment;
    const parameters = { solution, 'encryption-keys': { kems: ['x25519'], lifetime } };
    kea = await site.start(parameters, { credentials, kea: { env } });
    const capture = await site.capture();
    client = await start();
    await client.event('bound');
    await client.signal('USR1');
    await client.event('renewed');
    recording = new Recording(await capture.stopForPayloads());
  });

  async function start(): Promise<RunningClient> {
    const directory = await mkdtemp(site.path('client-'));
    const { certificate, privateKey } = own;
    return RunningClient.start(
      site.topology.client,
      [
        ...['--certificate', certificate, '--private-key', privateKey, '--trust-anchors', site.pki.anchors],
        ...['--solution', solution, '--lease-file', join(directory, 'lease.json')],
      ],
      { TMPDIR: directory, HOME: directory, NODE_OPTIONS: `--require ${site.path('drawn.cjs')}` },
    );
  }

  async function ofServer(): Promise<Buffer[]> {
    const files = [site.path('state'), site.path('kea/data'), site.path('kea/run'), site.testbed.memory].map(
      filesIn,
    );
    return [...(await Promise.all(files)).flat(), ...readings(Buffer.from(kea.log)).slice(1)];
  }

  async function ofClient(): Promise<Buffer[]> {
    const directories = (await readdir(site.testbed.directory)).filter((name) => name.startsWith('client-'));
    const files = await Promise.all(directories.map((name) => filesIn(site.path(name))));
    return [...files.flat(), ...readings(Buffer.from(client.process.stdout + client.stderr)).slice(1)];
  }

  async function ofCertificates(): Promise<Buffer[]> {
    const keys = await Promise.all([credentials, own].map(({ privateKey }) => readFile(privateKey)));
    return keys.flatMap(readings);
  }

  it('is opened by the key file while the key lives, but for what goes to the client', async () => {
    const { queries, responses } = recording;
    expect([queries.length, responses.length].map((count) => count >= 3)).toEqual([true, true]);
    const keys = recording.keysIn(await ofServer());
    expect(recording.known(keys)).toHaveLength(1);
    expect(recording.open(keys)).toMatchObject({ queries: queries.length, responses: 0 });
  });

  it('is not opened by what a client writes whose context is open', async () => {
    const keys = recording.keysIn(await ofClient());
    expect(keys.size).toBeGreaterThan(100);
    expect(recording.known(keys)).toEqual([]);
  });

  it('would be opened whole, had the client kept what it drew', async () => {
    const kept = readings(await readFile(site.path('drawn')));
    const keys = recording.keysIn([...(await ofServer()), ...kept]);
    const { queries, responses } = recording;
    expect(recording.open(keys)).toMatchObject({ queries: queries.length, responses: responses.length });
  });

  it('is opened by nothing that either end has, nor by both certificates’ keys, once the keys have rotated', async () => {
    const kept = readings(await readFile(site.path('drawn')));
    const { secrets } = recording.open(recording.keysIn([...(await ofServer()), ...kept]));
    expect(secrets.length).toBeGreaterThan(3);
    await client.stop();
    const { memory } = site.testbed;
    const [file = ''] = await readdir(memory);
    const before = await readFile(join(memory, file));
    await clock.leap();
    await until('the keys to rotate', async () => !(await readFile(join(memory, file))).equals(before));

    const everything = [...(await ofServer()), ...(await ofClient()), ...(await ofCertificates())];

    const keys = recording.keysIn(everything);
    expect(recording.known(keys)).toEqual([]);
    expect(recording.open(keys)).toEqual({ queries: 0, responses: 0, secrets: [] });
    const written = secrets.filter((secret) => everything.some((octets) => octets.includes(secret)));
    expect(written).toEqual([]);
  });
});
