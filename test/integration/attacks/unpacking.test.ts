// SPDX-License-Identifier: MPL-2.0
import {
  type DhcpOption,
  encodeMessage,
  encodeOptions,
  MessageType,
  OptionCode,
  parseIpv6,
} from '../../../src/dhcpv6';
import { SERVER_INTERFACE, until } from '../support';
import { newTransaction, opening, Queries, relayed } from './support/forge';
import type { Party, Question } from './support/party';
import { Range } from './support/range';
import { member } from './support/signers';
import { type Sender, Wire } from './support/wire';

/** In the server's subnets of these modes; the first is the one on its own link. */
const links = {
  optional: '2001:db8:1::1',
  off: '2001:db8:2::1',
  authenticated: '2001:db8:3::1',
} as const;

const CLIENT_DATA = 45;
const IA_PD = 25;
/** Octets of a list of options (native/hook/kea/unpack_limits.h). */
const LONGEST = 1500;
/** Octets: of the stack of a thread where it is small. */
const SMALL_STACK = 256 * 1024;

/** Options of this code inside one another. */
function nested(depth: number, code = CLIENT_DATA): DhcpOption[] {
  let options: DhcpOption[] = [];
  for (let level = 0; level < depth; level += 1) {
    const fields = Buffer.alloc(code === IA_PD ? 12 : 0);
    options = [{ code, data: Buffer.concat([fields, encodeOptions(options)]) }];
  }
  return options;
}

/** 3500 levels are 14 KB; 374 are what Kea reads of a datagram. */
const bombs = [nested(3500), nested(1000, IA_PD), nested(374)];

function wrapped(message: Buffer, link: string, levels: number): Buffer {
  const addresses = [parseIpv6(link), parseIpv6('fe80::77')] as const;
  return Array.from({ length: levels }).reduce<Buffer>((inner) => relayed(inner, ...addresses), message);
}

function solicit(options: readonly DhcpOption[]): Buffer {
  return encodeMessage({ msgType: MessageType.Solicit, transactionId: newTransaction(), options });
}

/**
 * What the hook takes in, and what it gives Kea to unpack: before 3.2 Kea calls itself for each option in an option,
 * bounded by its receive buffer only.
 */
describe('one Kea with subnets of all modes', () => {
  let range: Range;
  let client: Party;

  beforeAll(async () => {
    const subnets = Object.entries(links).map(([mode, link], index) => ({
      id: index + 1,
      prefix: link.replace(/1$/, '/64'),
      pool: `${link}:0-${link}:ff`,
      userContext: { encryption: { mode } },
      ...(index === 0 && { interface: SERVER_INTERFACE }),
    }));
    range = await Range.open({
      solution: 'A',
      parameters: { mode: 'optional' },
      kea: () =>
        Promise.resolve({
          // One thread: the main one, whose stack can be made small while it runs.
          threads: 0,
          interfaces: [SERVER_INTERFACE, `${SERVER_INTERFACE}/${links.optional}`],
          subnets,
        }),
    });
    client = await range.party('fe80::1:1');
    await client.authenticate('A');
  });

  afterAll(() => range.close());

  /** The same process serves whoever comes in clear and whoever comes encrypted. */
  afterEach(async () => {
    await servesInClear();
    await range.serves();
    expect(range.kea.isRunning).toBe(true);
    expect(range.kea.log.match(/DHCP6_STARTED/g)).toHaveLength(1);
  });

  async function servesInClear(): Promise<void> {
    const question = client.question(
      MessageType.Solicit,
      undefined,
      Buffer.from('000300010a0b0c0d0e0f', 'hex'),
    );
    const answer = await range.wire.ask(solicit(question.options), await range.wire.client('fe80::c1ea'));
    expect(answer.readUInt8(0)).toBe(MessageType.Advertise);
  }

  const wireTo = (destination: string): Promise<Wire> =>
    Wire.open(range.site.testbed, range.site.topology.client, { destination });

  /** What a relay gets that sends from a global address to the server's. */
  async function relayedAnswer(forward: Buffer): Promise<Buffer> {
    const wire = await wireTo(links.optional);
    await wire.client('2001:db8:1::a5');
    await wire.send([forward], wire.at('2001:db8:1::a5', 547));
    return (await until('the Relay-reply', () => wire.received[0])).octets;
  }

  const query = (question: Question): Buffer =>
    new Queries(range.server).query(opening(question, { signer: client.signer }));

  const asking = (...more: readonly DhcpOption[]): Question => {
    const { msgType, options } = client.question(MessageType.Solicit);
    return { msgType, options: [...options, ...more] };
  };

  /** A Solicit of so many octets, once it is decrypted. */
  function ofLength(length: number): Question {
    const { options, msgType } = asking();
    const data = Buffer.alloc(length - encodeMessage({ msgType, transactionId: 0, options }).length - 4);
    return asking({ code: OptionCode.UserClass, data });
  }

  describe('gives Kea no options nested without end', () => {
    it('in clear, where it is cut as without the hook', async () => {
      const messages = bombs.map(solicit);
      for (const link of Object.values(links)) {
        for (const levels of [0, 1, 2, 32]) {
          // Kea finds nobody to answer in what is left.
          const drops = await range.attack(messages.map((message) => wrapped(message, link, levels)));
          expect(Object.keys(drops).filter((reason) => reason !== 'malformed-relay')).toEqual([]);
        }
      }
    });

    it('inside a query, with the smallest stack', async () => {
      await range.kea.run('prlimit', ['--pid', String(range.kea.pid), `--stack=${SMALL_STACK}`]);
      const queries = bombs.map((options) => asking(...options));
      for (const [mode, link] of Object.entries(links)) {
        for (const levels of mode === 'optional' ? [0, 1, 2, 32] : [1]) {
          await range.refuses(
            mode === 'off' ? 'mode-off' : 'unpack-limit',
            queries.map((question) => wrapped(query(question), link, levels)),
          );
        }
      }
    });

    it('from a relay, around a query that is good', async () => {
      const header = wrapped(Buffer.from([0]), links.optional, 1).subarray(0, 34);
      const around = (options: readonly DhcpOption[]): Buffer => {
        const relayMessage = { code: OptionCode.RelayMessage, data: query(asking()) };
        return Buffer.concat([header, encodeOptions([...options, relayMessage])]);
      };
      // One that nobody could unpack without harm is cut, and so without the query.
      await range.refuses('malformed-relay', bombs.map(around));
      const deeper = nested(17);
      await range.refuses('unpack-limit', [around(deeper), wrapped(around(deeper), links.optional, 2)]);
      expect((await relayedAnswer(around(nested(16)))).readUInt8(0)).toBe(MessageType.RelayReply);
    });

    it('but all that are sixteen lists deep, or as long as Kea reads in clear', async () => {
      for (const question of [asking(...nested(16)), asking(...nested(16, IA_PD)), ofLength(LONGEST)]) {
        expect((await range.wire.ask(query(question), client.sender)).readUInt8(0)).toBe(252);
      }
      const beyond = [asking(...nested(17)), asking(...nested(17, IA_PD)), ofLength(LONGEST + 1)];
      await range.refuses('unpack-limit', beyond.map(query));
    });
  });

  describe('takes an encrypted message without relay headers', () => {
    const request = async (): Promise<Buffer> => range.request({ signer: await member(range.authority) });

    async function isRefused(wire: Wire, from: Sender): Promise<void> {
      await range.refuses('not-on-link', [await request(), query(asking())], from, wire);
    }

    it('not from or to a global address', async () => {
      const unicast = await wireTo(links.optional);
      await isRefused(unicast, await unicast.client('2001:db8:1::a1'));
      await isRefused(unicast, await unicast.client('fe80::a2'));
      await isRefused(range.wire, await range.wire.client('2001:db8:1::a3'));
    });

    it("not to the server's link-local address", async () => {
      const linkLocal = await range.site.topology.server.waitForLinkLocal(SERVER_INTERFACE);
      const wire = await wireTo(linkLocal);
      await isRefused(wire, await wire.client('fe80::a4'));
    });

    it('by multicast from a link-local address, and with relay headers from anywhere', async () => {
      await range.accepts(await request());
      const answer = await relayedAnswer(wrapped(await request(), links.optional, 1));
      expect(answer.readUInt8(0)).toBe(MessageType.RelayReply);
    });
  });
});
