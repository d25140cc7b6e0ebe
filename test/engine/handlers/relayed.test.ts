// SPDX-License-Identifier: MPL-2.0

import {
  type DhcpOption,
  encodeRelay,
  MessageType,
  OptionCode,
  parseIpv6,
  unwrapRelay,
} from '../../../src/dhcpv6';
import type { Stopwatch } from '../../../src/engine/admission/stopwatch';
import type { Verdict } from '../../../src/engine/packet/verdict';
import type { WorkerIdentity } from '../../../src/engine/clients/server-material';
import { IssuedPki, RawClient, serverIdentifier } from '../support/issued';
import { VectorEngine } from '../support/vector-engine';

const now = Date.UTC(2026, 5, 1);
const blocklist = { count: 3, window: 600, duration: 600 };
const relayAddress = parseIpv6('2001:db8:99::3');

let pki: IssuedPki;
let server: WorkerIdentity;
let bare: WorkerIdentity;
let operations: number;
let engine: VectorEngine;

beforeAll(async () => {
  pki = await IssuedPki.create(now);
  server = await pki.issue('server', 'server');
  bare = { ...(await pki.issue('client', 'bare')), chain: [] };
});

beforeEach(() => {
  operations = 0;
  const stopwatch: Stopwatch = () => () => {
    operations += 1;
    return 0;
  };
  const material = { identity: server, previous: [], trust: pki.trust() };
  engine = new VectorEngine({
    server: 'server-P-256',
    serverIdentifier,
    material,
    blocklist,
    stopwatch,
    now,
  });
});

afterEach(() => engine.close());

interface Envelope {
  msgType: 12 | 13;
  readonly peer?: string;
  readonly options?: readonly DhcpOption[];
}

/** A client whose messages arrive in this relay message. */
function clientIn(identity: WorkerIdentity, envelope: Envelope): RawClient {
  const { peer = 'fe80::1', options = [] } = envelope;
  const within = {
    get now() {
      return engine.now;
    },
    set now(time: number) {
      engine.now = time;
    },
    seal: (handle: number, answer: Buffer) => engine.seal(handle, answer),
    receive: (octets: Buffer) =>
      engine.receive(
        encodeRelay({
          msgType: envelope.msgType,
          hopCount: 0,
          linkAddress: parseIpv6('2001:db8:1::1'),
          peerAddress: parseIpv6(peer),
          options: [...options, { code: OptionCode.RelayMessage, data: octets }],
        }),
        { source: relayAddress },
      ),
  };
  return new RawClient(within, identity);
}

/** Whether the engine has a record of the client: only then may it open a context without its credential. */
async function isRecorded(identity: WorkerIdentity): Promise<boolean> {
  const verdict = await clientIn(identity, { msgType: MessageType.RelayForward }).open();
  return verdict.action === 'replace';
}

describe('what cannot be answered is refused before it is verified, and leaves no record', () => {
  test('an Encrypted-Request in a Relay-reply', async () => {
    const verdict = await clientIn(bare, { msgType: MessageType.RelayReply }).request();
    expect(verdict).toMatchObject({ action: 'drop', reason: 'malformed' });
    expect(operations).toBe(0);
    expect(await isRecorded(bare)).toBe(false);
  });

  test('a query in a Relay-reply', async () => {
    const envelope: Envelope = { msgType: MessageType.RelayForward };
    const client = clientIn(bare, envelope);
    expect(await client.request()).toMatchObject({ action: 'reply' });
    const before = operations;
    envelope.msgType = MessageType.RelayReply;
    expect(await client.open()).toMatchObject({ action: 'drop', reason: 'malformed' });
    expect(operations).toBe(before);
  });

  test.each([
    { octets: 64_000, answered: true },
    { octets: 65_400, answered: false },
  ])('with an Interface-Id of $octets octets: answered is $answered', async ({ octets, answered }) => {
    const options = [{ code: OptionCode.InterfaceId, data: Buffer.alloc(octets) }];
    const verdict = await clientIn(bare, { msgType: MessageType.RelayForward, options }).request();
    expect(verdict).toMatchObject(
      answered ? { action: 'reply' } : { action: 'drop', reason: 'answer-too-long' },
    );
    expect(operations > 0).toBe(answered);
    expect(await isRecorded(bare)).toBe(answered);
  });

  test('with as much of what is not returned it is answered', async () => {
    const options = [{ code: 37, data: Buffer.alloc(65_400) }];
    const verdict = await clientIn(bare, { msgType: MessageType.RelayForward, options }).request();
    expect(verdict.action === 'reply' && verdict.octets.length).toBeLessThan(2000);
  });
});

describe('a Relay-reply around an Encrypted-Reply', () => {
  test('returns Interface-Id and Relay-Source-Port, and what is asked to be echoed', async () => {
    const options = [18, 37, 38, 66, 79, 135].map((code) => ({ code, data: Buffer.of(0, code) }));
    const returned = async (more: readonly DhcpOption[]): Promise<number[]> => {
      const envelope = { msgType: MessageType.RelayForward, options: [...options, ...more] };
      const verdict = await clientIn(bare, envelope).request();
      const octets = verdict.action === 'reply' ? verdict.octets : Buffer.alloc(0);
      return unwrapRelay(octets).levels.flatMap((level) => level.options.map(({ code }) => code));
    };
    expect(await returned([])).toEqual([18, 135, 9]);
    expect(await returned([{ code: 43, data: Buffer.of(0, 38, 0, 79) }])).toEqual([18, 135, 38, 79, 9]);
  });
});

describe('the failures of one source', () => {
  async function afterFailures(peer: string): Promise<Verdict> {
    const forward = { msgType: MessageType.RelayForward, peer };
    for (let n = 0; n < 2 * blocklist.count; n += 1) {
      await clientIn(bare, forward).forgedRequest();
    }
    return clientIn(bare, forward).request();
  }

  test('have a client ignored', async () => {
    expect(await afterFailures('fe80::1')).toMatchObject({ action: 'drop', reason: 'blocklisted' });
  });

  test.each(['::', '2001:db8::5'])(
    'are not taken for those of everybody whose address is given as %s',
    async (peer) => {
      expect(await afterFailures(peer)).toMatchObject({ action: 'reply' });
    },
  );

  test('with `::` do not make everybody one client, which is short of attempts', async () => {
    for (let n = 0; n < 30; n += 1) {
      const one = { ...(await pki.issue('client', 'bare')), chain: [] };
      const verdict = await clientIn(one, { msgType: MessageType.RelayForward, peer: '::' }).request();
      expect(verdict).toMatchObject({ action: 'reply' });
    }
  });

  test('do not grow with what may be meant for another server, or cannot be read', async () => {
    const forward = { msgType: MessageType.RelayForward };
    for (let n = 0; n < 2 * blocklist.count; n += 1) {
      // Of a key that has not authenticated; then cut short.
      expect(await clientIn(bare, forward).open()).toMatchObject({ reason: 'key-unknown' });
      expect(await engine.receive(Buffer.of(253, 0, 0, 1), { source: parseIpv6('fe80::1') })).toMatchObject({
        action: 'drop',
      });
    }
    expect(await clientIn(bare, forward).request()).toMatchObject({ action: 'reply' });
  });
});
