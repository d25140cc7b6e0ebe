// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Capture } from '../../test/integration/support/capture';
import type { Datagram } from '../../test/integration/support/datagrams';
import { KeaServer } from '../../test/integration/support/kea';
import { logger, SERVER_DUID } from '../../test/integration/support/kea-configuration';
import type { KeaLease } from '../../test/integration/support/kea-leases';
import type { Namespace } from '../../test/integration/support/namespace';
import { runOk } from '../../test/integration/support/process';
import { Testbed } from '../../test/integration/support/testbed';
import { Narrator } from './narrator';
import {
  addressSecret,
  duidSecret,
  iaidSecret,
  nameSecret,
  occurrences,
  prefixSecret,
  type Secret,
} from './secrets';

const ROOT = resolve(__dirname, '../../../..');
const HOOK = join(ROOT, 'build/hook/libdhcp_encryption.so');
const CLI = join(ROOT, 'dist/cli/main.js');
const SERVER_NAME = 'dhcp.example.net';
/** In the client's certificate, and its host name. */
const CLIENT_NAME = 'demo-laptop.example.net';
const THREADS = 4;

/** Message types as they appear first in a datagram. */
const MESSAGE_NAMES: Readonly<Record<number, string>> = {
  1: 'Solicit',
  2: 'Advertise',
  3: 'Request',
  4: 'Confirm',
  5: 'Renew',
  6: 'Rebind',
  7: 'Reply',
  8: 'Release',
  9: 'Decline',
  11: 'Information-request',
  251: 'Encrypted-Query',
  252: 'Encrypted-Response',
  253: 'Encrypted-Request',
  254: 'Encrypted-Reply',
};
type Solution = 'A' | 'B';

/** All that a solution puts on the wire; in B the Solicit is signed by a key made for it, and identifies no client. */
const MESSAGE_TYPES: Readonly<Record<Solution, readonly number[]>> = {
  A: [251, 252, 253, 254],
  B: [1, 251, 252],
};

interface Files {
  readonly anchors: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: { readonly certificate: string; readonly key: string };
}

/** Makes a certification authority and one certificate for either end, by the project's own command. */
async function makePki(directory: string, narrator: Narrator): Promise<Files> {
  const pki = async (...args: string[]): Promise<void> => {
    narrator.say(`$ kea-encryption pki ${args.join(' ')}`);
    await runOk(process.execPath, [CLI, 'pki', ...args]);
  };
  const authority = join(directory, 'pki');
  const server = join(directory, 'server');
  const client = join(directory, 'client');
  await pki('init', '--directory', authority);
  await pki('server', '--directory', authority, '--name', SERVER_NAME, '--out', server);
  await pki('client', '--directory', authority, '--name', CLIENT_NAME, '--out', client);
  return {
    anchors: join(authority, 'ca.pem'),
    server: { certificate: `${server}.pem`, key: `${server}.key` },
    client: { certificate: `${client}.pem`, key: `${client}.key` },
  };
}

function startKea(
  testbed: Testbed,
  namespace: Namespace,
  files: Files,
  solution: Solution,
): Promise<KeaServer> {
  return KeaServer.start({
    namespace,
    directory: join(testbed.directory, 'kea'),
    interfaces: ['server0'],
    threads: THREADS,
    subnets: [
      {
        id: 1,
        prefix: '2001:db8:1::/64',
        pool: '2001:db8:1::d000-2001:db8:1::dfff',
        delegated: { prefix: '2001:db8:8000::', length: 40, delegatedLength: 56 },
        interface: 'server0',
      },
    ],
    hooks: [
      {
        library: HOOK,
        parameters: {
          mode: 'authenticated',
          solution,
          certificate: files.server.certificate,
          'private-key': files.server.key,
          'trust-anchors': [files.anchors],
          'state-directory': join(testbed.directory, 'engine'),
          engine: { node: process.execPath },
        },
      },
    ],
    loggers: [logger('kea-dhcp6')],
  });
}

function describeLease(lease: KeaLease): string[] {
  const what = lease.type === 'IA_PD' ? `${lease.address}/${lease.prefixLength}` : lease.address;
  return [lease.type, what, `IAID 0x${lease.iaid.toString(16).padStart(8, '0')}`, `DUID ${lease.duid}`];
}

/** What Kea and the client know of each other; the Solicit of solution B has another IAID, at random. */
function secretsOf(leases: readonly KeaLease[]): Secret[] {
  const [first] = leases;
  if (first === undefined) {
    throw new Error('Kea has no lease of the client');
  }
  return [
    duidSecret("the client's DUID", first.duid),
    nameSecret("the client's name", CLIENT_NAME),
    ...leases.flatMap((lease) => [
      iaidSecret(`the IAID of the ${lease.type}`, lease.iaid),
      lease.type === 'IA_PD'
        ? prefixSecret('the delegated prefix', lease.address, lease.prefixLength)
        : addressSecret('the address', lease.address),
    ]),
  ];
}

function showTraffic(narrator: Narrator, datagrams: readonly Datagram[]): void {
  narrator.table(
    datagrams.map(({ source, destination, payload }) => {
      const type = payload[0] ?? 0;
      const name = MESSAGE_NAMES[type] ?? `message type ${type}`;
      return [name, `${source} > ${destination}`, `${payload.length} octets`];
    }),
  );
}

/** Looks for each secret in every payload, and for something that is in clear, to show that looking finds it. */
function checkTraffic(
  narrator: Narrator,
  datagrams: readonly Datagram[],
  secrets: readonly Secret[],
  solution: Solution,
): void {
  const payloads = datagrams.map(({ payload }) => payload);
  const found = secrets.map((secret) => ({ secret, count: occurrences(secret, payloads) }));
  narrator.table(
    found.map(({ secret, count }) => [
      secret.what,
      secret.shown,
      count === 0 ? 'nowhere in clear' : `IN CLEAR in ${count} datagrams`,
    ]),
  );
  const control = duidSecret("the server's DUID", SERVER_DUID.toString('hex'));
  const controlCount = occurrences(control, payloads);
  narrator.say(`(Sent in clear on purpose, and found: ${control.what}, in ${controlCount} datagrams.)`);

  const types = new Set(payloads.map((payload) => payload[0] ?? 0));
  const missing = MESSAGE_TYPES[solution].filter((type) => !types.has(type));
  if (missing.length > 0 || controlCount === 0) {
    throw new Error('the capture does not hold the exchange');
  }
  const cleartext = [...types].filter((type) => !MESSAGE_TYPES[solution].includes(type));
  if (cleartext.length > 0) {
    throw new Error(`messages in clear on the wire, of type ${cleartext.join(', ')}`);
  }
  const leaked = found.filter(({ count }) => count > 0);
  if (leaked.length > 0) {
    throw new Error(`in clear on the wire: ${leaked.map(({ secret }) => secret.what).join(', ')}`);
  }
}

function lastLines(log: string, count: number): string {
  return `The last that kea-dhcp6 logged:\n${log.trimEnd().split('\n').slice(-count).join('\n')}`;
}

async function demonstrate(testbed: Testbed, narrator: Narrator, solution: Solution): Promise<void> {
  narrator.begin('Make a certification authority, a server certificate and a client certificate');
  const files = await makePki(testbed.directory, narrator);

  narrator.begin('Lay a cable between two network namespaces');
  const client = await testbed.namespace('client');
  const server = await testbed.namespace('server');
  await testbed.join(client, 'client0', server, 'server0');
  await server.addAddress('server0', '2001:db8:1::1');
  narrator.say(`client0 in ${client.name}  ====  server0 in ${server.name}`);

  narrator.begin(`Start kea-dhcp6 with the hook and ${THREADS} packet threads`);
  const kea = await startKea(testbed, server, files, solution);
  narrator.onFailure(() => lastLines(kea.log, 15));
  narrator.say(
    `kea-dhcp6, process ${kea.pid}, serves only clients with a certificate (mode "authenticated")`,
  );
  const capture = await Capture.start(client, 'client0', join(testbed.directory, 'wire.pcap'));

  const command = async (title: string, ...extra: string[]): Promise<void> => {
    const common = ['--interface', 'client0', '--lease-file', join(testbed.directory, 'lease.json')];
    const credentials = ['--certificate', files.client.certificate, '--private-key', files.client.key];
    const mechanism = ['--solution', solution];
    const trust = ['--trust-anchors', files.anchors, '--server-name', SERVER_NAME];
    narrator.begin(title);
    narrator.say(`$ kea-encryption client ${['…', ...extra].join(' ')}`);
    const args = [CLI, 'client', ...extra, ...common, ...mechanism, ...credentials, ...trust];
    narrator.say((await client.runOk(process.execPath, args)).trimEnd());
  };

  await command('Obtain an address and a prefix', '--prefix', '--fqdn', CLIENT_NAME);
  const leases = await kea.leases();
  narrator.say('Kea has leased:');
  narrator.table(leases.map(describeLease));
  if (!leases.some(({ type }) => type === 'IA_NA') || !leases.some(({ type }) => type === 'IA_PD')) {
    throw new Error('Kea did not lease an address and a prefix');
  }

  await command('Renew', 'renew');
  await command('Release', 'release');
  const left = await kea.leases();
  if (left.length > 0) {
    throw new Error(`Kea still has ${left.length} leases`);
  }
  narrator.say('Kea has no lease left.');

  narrator.begin('See what crossed the wire');
  const datagrams = (await capture.stopForDatagrams()).filter(({ sourcePort, destinationPort }) =>
    [sourcePort, destinationPort].some((port) => port === 546 || port === 547),
  );
  showTraffic(narrator, datagrams);

  narrator.begin('Look for what only client and server may know');
  checkTraffic(narrator, datagrams, secretsOf(leases), solution);
}

/** `--solution A` or `--solution B`; A by default. */
function solutionOf(args: readonly string[]): Solution | undefined {
  const [option, value] = args;
  if (option === undefined) {
    return 'A';
  }
  const isSolution = option === '--solution' && args.length === 2 && (value === 'A' || value === 'B');
  return isSolution ? value : undefined;
}

async function main(): Promise<number> {
  const solution = solutionOf(process.argv.slice(2));
  if (solution === undefined) {
    process.stderr.write('usage: npm run demo -- [--solution A|B]\n');
    return 2;
  }
  for (const file of [HOOK, CLI]) {
    if (!existsSync(file)) {
      process.stderr.write(`demo: ${file} is missing: run npm run build first\n`);
      return 1;
    }
  }
  const narrator = new Narrator((text) => process.stdout.write(text));
  const testbed = await Testbed.create();
  const interruption = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const work = demonstrate(testbed, narrator, solution).then(
    () => 'done' as const,
    (error: unknown) => ({ error }),
  );
  const outcome = await Promise.race([work, interruption]);
  process.stdout.write('\nCleaning up.\n');
  await testbed.close();
  if (outcome === 'done') {
    process.stdout.write('Done: every message was encrypted or authenticated, and nothing leaked.\n');
    return 0;
  }
  if (typeof outcome === 'string') {
    process.stderr.write(`demo: interrupted while at: ${narrator.doing}\n`);
    return outcome === 'SIGINT' ? 130 : 143;
  }
  const reason = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
  process.stderr.write(`demo: failed while at: ${narrator.doing}\n${reason}\n${narrator.evidence()}`);
  return 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`demo: ${String(error)}\n`);
    process.exit(1);
  },
);
