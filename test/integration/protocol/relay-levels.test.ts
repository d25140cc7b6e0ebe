// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { encodeMessage, encodeRelay, MessageType, parseIpv6, unwrapRelay } from '../../../src/dhcpv6';
import { KnownServer, Party } from '../attacks/support/party';
import { member } from '../attacks/support/signers';
import { type Sender, Wire } from '../attacks/support/wire';
import {
  CLIENT_PREFIX,
  dropCounts,
  SERVER_INTERFACE,
  Site,
  until,
  untilDropped,
  type KeaServer,
} from '../support';

/** Kea's own bound on a datagram, in octets: more of what is in clear it does not read. */
const KEA_READS = 1500;
/** As many as Kea takes; the options of so many are longer than that. */
const MAX_LEVELS = 32;
const RELAY_PORT = 547;
const ENCRYPTED_REPLY = 254;
const [RELAY_MESSAGE, INTERFACE_ID, REMOTE_ID, SUBSCRIBER_ID, ECHO_REQUEST, RELAY_SOURCE_PORT] = [
  9, 18, 37, 38, 43, 135,
];

const order = [INTERFACE_ID, RELAY_SOURCE_PORT, SUBSCRIBER_ID];

/** An answer's message type, and of each level around it, the outermost first: msg-type, hop-count, and its other options. */
interface Answer {
  readonly type: number;
  readonly levels: readonly (readonly (number | string)[])[];
}

function option(code: number, hex: string): { readonly code: number; readonly data: Buffer } {
  return { code, data: Buffer.from(hex, 'hex') };
}

function interfaceId(level: number): string {
  return Buffer.from(`if${level}`).toString('hex');
}

/** A message in so many levels of Relay-forward, each with options before and behind its Relay Message, some twice. */
function forwarded(message: Buffer, levels: number): Buffer {
  const addresses = { linkAddress: parseIpv6('2001:db8:1::1'), peerAddress: parseIpv6('fe80::77') };
  let relayed = message;
  for (let level = 0; level < levels; level += 1) {
    const options = [
      option(RELAY_SOURCE_PORT, '0223'),
      option(REMOTE_ID, '0000000907'),
      option(INTERFACE_ID, interfaceId(level)),
      { code: RELAY_MESSAGE, data: relayed },
      option(SUBSCRIBER_ID, '737562'),
      option(ECHO_REQUEST, '0026'),
      option(INTERFACE_ID, '7365636f6e64'),
      option(RELAY_SOURCE_PORT, '0224'),
    ];
    relayed = encodeRelay({ msgType: MessageType.RelayForward, hopCount: level, ...addresses, options });
  }
  return relayed;
}

/** What a Relay-reply returns of a Relay-forward (docs/protocol.md 3). */
describe('a message inside many levels of Relay-forward', () => {
  const site = Site.forAllTests(0);
  let kea: KeaServer;
  let wire: Wire;
  let relay: Sender;
  let party: Party;

  beforeAll(async () => {
    const credentials = await site.pki.server();
    const subnet = { id: 1, prefix: CLIENT_PREFIX, pool: '2001:db8:1::1:0-2001:db8:1::1:ff' };
    kea = await site.start(
      { mode: 'optional' },
      { credentials, kea: { interfaces: [SERVER_INTERFACE], subnets: [subnet] } },
    );
    wire = await Wire.open(site.testbed, site.topology.client);
    const { address } = await wire.client('fe80::77');
    relay = wire.at(address, RELAY_PORT);
    party = new Party(wire, relay, await member(site.pki.authority), KnownServer.of(credentials));
  });

  /** The answers to a relay agent, of which the first has come. */
  async function answersTo(datagram: Buffer): Promise<Buffer[]> {
    const known = wire.received.length;
    const answers = (): Buffer[] => wire.received.slice(known).map(({ octets }) => octets);
    await wire.send([datagram], relay);
    await until('an answer', () => answers().length > 0);
    return answers();
  }

  async function ask(message: Buffer, levels: number): Promise<Buffer> {
    const [answer = Buffer.alloc(0)] = await answersTo(forwarded(message, levels));
    return answer;
  }

  function read(answer: Buffer, type?: number): Answer {
    const { levels, message } = unwrapRelay(answer);
    return {
      type: type ?? message.readUInt8(0),
      levels: levels.map(({ msgType, hopCount, options }) => [
        msgType,
        hopCount,
        // Kea sorts them by code.
        ...options
          .filter(({ code }) => code !== RELAY_MESSAGE)
          .sort((a, b) => order.indexOf(a.code) - order.indexOf(b.code))
          .map(({ code, data }) => `${code}:${data.toString('hex')}`),
      ]),
    };
  }

  it.each([1, 8, MAX_LEVELS])(
    '%d: comes back through the same levels, with the options that are returned',
    async (levels) => {
      const returned = Array.from({ length: levels }, (_, at) => levels - 1 - at).map((hop) => [
        MessageType.RelayReply,
        hop,
        `${INTERFACE_ID}:${interfaceId(hop)}`,
        `${RELAY_SOURCE_PORT}:0223`,
      ]);
      const echoed = returned.map((level) => [...level, `${SUBSCRIBER_ID}:737562`]);

      const reply = await ask(party.authentication('A'), levels);
      party.server.learn('encrypted-reply', unwrapRelay(reply).message);
      expect(read(reply)).toEqual({ type: ENCRYPTED_REPLY, levels: echoed });

      const context = party.openContext();
      const query = party.opening(context, party.question(MessageType.Solicit), true);
      const response = await ask(query, levels);
      const inner = context.openResponse(unwrapRelay(response).message, query.readUIntBE(1, 3));
      const type = inner.kind === 'message' ? inner.message.msgType : undefined;
      expect(read(response, type)).toEqual({ type: MessageType.Advertise, levels: echoed });

      const duid = Buffer.from('00030001a1b2c3d4e5f6', 'hex');
      const question = party.question(MessageType.Solicit, undefined, duid);
      const clear = encodeMessage({ ...question, transactionId: 0x070809 });
      // What is in clear Kea reads and answers as without the hook: not more, and without echoes.
      const isRead = forwarded(clear, levels).length <= KEA_READS;
      expect(isRead).toBe(levels < MAX_LEVELS);
      if (isRead) {
        expect(read(await ask(clear, levels))).toEqual({ type: MessageType.Advertise, levels: returned });
      }
    },
  );

  it('33: is dropped and counted', async () => {
    const known = wire.received.length;
    await wire.send([forwarded(party.authentication('A'), MAX_LEVELS + 1)], relay);
    await untilDropped(kea, 'malformed-relay');
    expect(await dropCounts(kea)).toEqual({ 'malformed-relay': 1 });
    expect(wire.received).toHaveLength(known);
  });
});
