// SPDX-License-Identifier: MPL-2.0

/**
 * Many encrypted clients at once in one process, as a program of its own for a network namespace. Each has a
 * link-local address, a socket and a credential of its own, as if it were a host. Clients are the project's own,
 * from the tree under test.
 *
 * Arguments: the path of a JSON file, see {@link SwarmOptions}. It prints one JSON line for each client that is done.
 * Where it repeats, clients go on until SIGTERM, and from {@link SwarmReady} on SIGUSR2 says that the server has just been
 * killed: it prints a {@link SwarmReplay} for that once the server has come back.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as clientRoom from '../../../src/client';
import type * as cryptoRoom from '../../../src/crypto';
import type * as pkiRoom from '../../../src/pki';
import type * as protocolRoom from '../../../src/protocol';
import { Eavesdropper } from './eavesdropper';

export interface SwarmMember {
  /** A link-local address that the interface has. */
  readonly address: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Shows its public key instead of its certificate. */
  readonly bareKey: boolean;
  /** Its DUID in hexadecimal; the one derived from its key where there is none. */
  readonly clientIdentifier?: string;
}

export interface SwarmOptions {
  /** The directory that holds the compiled rooms. */
  readonly dist: string;
  readonly interface: string;
  readonly anchors: string;
  readonly serverName: string;
  readonly solution: 'A' | 'B';
  /** Milliseconds over which the clients start. */
  readonly spread: number;
  readonly members: readonly SwarmMember[];
  /** Clients go on to lease and to renew; this address sends what they have sent once more. */
  readonly repeat?: { readonly attacker: string };
}

export interface SwarmResult {
  readonly member: number;
  /** What the client got, or why it got nothing. */
  readonly clientIdentifier: string;
  readonly addresses: readonly string[];
  readonly prefixes: readonly string[];
  readonly error?: string;
  /** Unix time in milliseconds at which the client began, and was done. */
  readonly began: number;
  readonly done: number;
}

/** What became of messages that the server had answered before it was killed. */
export interface SwarmReplay {
  /** Unix time in milliseconds of the first answer to what was sent since the kill. */
  readonly servedAgain: number;
  readonly replayed: number;
  /** Octets of each answer to a replay, in hexadecimal. */
  readonly answers: readonly string[];
}

/** Signals are heard from now on; before that they would end the process. */
export interface SwarmReady {
  readonly ready: true;
}

const CLIENT_PORT = 546;
const SERVER_PORT = 547;
const GROUP = 'ff02::1:2';

async function openTransport(address: string, interfaceName: string): Promise<clientRoom.Transport> {
  const socket = createSocket('udp6');
  const listening = once(socket, 'listening');
  socket.bind(CLIENT_PORT, `${address}%${interfaceName}`);
  await listening;
  socket.setMulticastInterface(`::%${interfaceName}`);
  return {
    // What goes wrapped is lost.
    send: (octets, way = 'plain') => {
      if (way === 'plain') {
        socket.send(octets, SERVER_PORT, `${GROUP}%${interfaceName}`);
      }
    },
    onMessage: (handler) => {
      socket.removeAllListeners('message').on('message', (octets) => handler(octets, 'plain'));
    },
    onProblem: (handler) => socket.on('error', handler),
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** A transport that an eavesdropper listens to. */
function overheard(transport: clientRoom.Transport, ears: Eavesdropper): clientRoom.Transport {
  return {
    ...transport,
    send: (octets, way) => {
      ears.sent(octets);
      transport.send(octets, way);
    },
    onMessage: (handler) => {
      transport.onMessage((octets, way) => {
        ears.received(octets);
        handler(octets, way);
      });
    },
  };
}

/** How often a client looks for a server before it is told that it was not served. */
const attempts = 5;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const print = (line: SwarmResult | SwarmReplay | SwarmReady): unknown =>
  process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(options: SwarmOptions): Promise<void> {
  const room = (name: string): Promise<unknown> => import(join(options.dist, name, 'index.js'));
  const { DhcpClient, systemEnvironment } = (await room('client')) as typeof clientRoom;
  const { deriveDuid } = (await room('crypto')) as typeof cryptoRoom;
  const { loadIdentity, loadTrustStore } = (await room('pki')) as typeof pkiRoom;
  const trust = loadTrustStore({ anchors: [options.anchors], intermediates: [], crls: [] });
  const ears = new Eavesdropper();
  const identityOf = (settings: SwarmMember): pkiRoom.Identity =>
    loadIdentity({ ...settings, purpose: 'client', now: Date.now() });
  let isEnding = false;

  const leaser = (settings: SwarmMember, member: number, transport: clientRoom.Transport) => {
    const { privateKey, chain } = identityOf(settings);
    const clientIdentifier =
      settings.clientIdentifier === undefined
        ? deriveDuid(privateKey.public.spki)
        : Buffer.from(settings.clientIdentifier, 'hex');
    const client = new DhcpClient({
      solution: options.solution,
      signer: { key: privateKey, chain: settings.bareKey ? [] : chain },
      trust: { store: trust, pins: undefined, serverName: options.serverName },
      leaseRequest: {
        clientIdentifier,
        iaid: member,
        address: true,
        prefix: true,
        rapidCommit: false,
        fqdn: undefined,
      },
      patience: 60_000,
      environment: systemEnvironment,
      transport,
      notice: () => undefined,
    });
    let held: clientRoom.Lease | undefined;
    return async (renews: boolean): Promise<SwarmResult> => {
      const base = { member, clientIdentifier: clientIdentifier.toString('hex'), began: Date.now() };
      try {
        const lease = renews && held !== undefined ? await client.renew(held) : await client.obtain();
        held = lease;
        return {
          ...base,
          addresses: lease.addresses.flatMap(({ items }) => items.map(({ address }) => address)),
          prefixes: lease.prefixes.flatMap(({ items }) => items.map(({ prefix }) => prefix)),
          done: Date.now(),
        };
      } catch (error) {
        return { ...base, addresses: [], prefixes: [], error: String(error), done: Date.now() };
      }
    };
  };

  const runMember = async (settings: SwarmMember, member: number): Promise<void> => {
    const transport = await openTransport(settings.address, options.interface);
    const lease = leaser(settings, member, options.repeat ? overheard(transport, ears) : transport);
    // As a client that keeps its lease does, it begins anew where a busy server did not answer in time.
    let first = await lease(false);
    for (let attempt = 2; attempt <= attempts && options.repeat === undefined; attempt += 1) {
      first = first.error === undefined ? first : await lease(false);
    }
    print(first);
    for (let turn = 1; options.repeat !== undefined && !isEnding; turn += 1) {
      await pause(50 + Math.random() * 400);
      print(await lease(turn % 2 === 1));
    }
    await transport.close();
  };

  /** Asks until the server answers again, and only then sends what was overheard before the kill. */
  const replay = async (attacker: clientRoom.Transport): Promise<void> => {
    const overheardBefore = ears.latest(100);
    const servedAgain = await firstAnswer(attacker);
    const replayed = new Set(overheardBefore.map((octets) => octets.readUIntBE(1, 3)));
    const answers: string[] = [];
    const hear = (octets: Buffer): void => {
      if (replayed.has(octets.readUIntBE(1, 3))) {
        answers.push(octets.toString('hex'));
      }
    };
    attacker.onMessage(hear);
    // Each twice: a busy server may miss one.
    for (const octets of [...overheardBefore, ...overheardBefore]) {
      attacker.send(octets);
      // The engine spends only so much time on those who have proved nothing.
      await pause(10);
    }
    await pause(600);
    // However slow it is, it has come as far then.
    await firstAnswer(attacker, hear);
    print({ servedAgain, replayed: overheardBefore.length, answers });
  };

  /** Unix time of the first answer to an Encrypted-Request that was sent from now on, one every 25 ms. */
  const firstAnswer = async (
    transport: clientRoom.Transport,
    hear: (octets: Buffer) => void = () => undefined,
  ): Promise<number> => {
    const { defaultCodePoints, encodeEncryptedRequest, KemId } = (await room(
      'protocol',
    )) as typeof protocolRoom;
    let answered: number | undefined;
    const asked = new Set<number>();
    transport.onMessage((octets) => {
      if (asked.has(octets.readUIntBE(1, 3))) {
        answered ??= Date.now();
      }
      hear(octets);
    });
    while (answered === undefined) {
      const transactionId = Math.floor(Math.random() * 0x1000000);
      asked.add(transactionId);
      transport.send(encodeEncryptedRequest(defaultCodePoints, { transactionId, kemList: [KemId.X25519] }));
      await pause(25);
    }
    return answered;
  };

  const { members, spread, repeat } = options;
  if (repeat !== undefined) {
    const attacker = await openTransport(repeat.attacker, options.interface);
    process.on('SIGUSR2', () => void replay(attacker));
    process.once('SIGTERM', () => {
      isEnding = true;
      void attacker.close();
    });
    print({ ready: true });
  }
  // The first member only asks whether the server is there: its key's timestamps are its own.
  await Promise.all(
    members.slice(repeat === undefined ? 0 : 1).map(async (settings, index) => {
      await pause((spread * index) / members.length);
      await runMember(settings, repeat === undefined ? index : index + 1);
    }),
  );
}

if (require.main === module) {
  void main(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SwarmOptions);
}
