// SPDX-License-Identifier: MPL-2.0
import {
  addressesOn,
  CLIENT_INTERFACE,
  type Namespace,
  RunningClient,
  type RunResult,
  SERVER_INTERFACE,
  Site,
  tree,
  until,
} from '../support';

/** A lease of 2001:db8:1::1001 in an Advertise, as servers that are no Kea have sent it. */
const advertise =
  '020a0b0c0001000a000300010200000000200002000a000300010242ac11000200030028000000010000000300000006' +
  '0005001820010db80001000000000000000010010000001e00000028';
const inputs = {
  trailing: `${advertise}00`,
  beyondEnd: `${advertise}00001d4c00`,
  unspecFail: '020a0b0c0002000a000300010242ac1100020001000a00030001020000000039000d00020001',
  notUtf8: `${advertise}000d00050000fffe80`,
  // Beside the address a link-local one, and a prefix that is all of the Internet.
  alien:
    '020a0b0c0001000a000300010200000000200002000a000300010242ac1100020003004400000001000000030000000600050018' +
    'fe800000000000000000000000000bad0000001e0000002800050018' +
    '20010db80001000000000000000010010000001e00000028' +
    '00190029000000010000000300000006001a00190000001e0000002803' +
    '20000000000000000000000000000000',
};

/** Answers each Solicit by all datagrams, and whatever else by the last of them as a Reply, with the client's own identifiers. */
const SERVER = `
const [interfaceName, ...datagrams] = process.argv.slice(1);
const socket = require('node:dgram').createSocket({ type: 'udp6', reuseAddr: true });
const option = (octets, code) => {
  for (let at = 4; at + 4 <= octets.length; at += 4 + octets.readUInt16BE(at + 2)) {
    if (octets.readUInt16BE(at) === code) return octets.subarray(at + 4, at + 4 + octets.readUInt16BE(at + 2));
  }
};
const fit = (hex, query) => {
  let answer = Buffer.from(hex, 'hex');
  query.copy(answer, 1, 1, 4);
  for (const code of [3, 25]) {
    option(query, code)?.copy(option(answer, code) ?? Buffer.alloc(4), 0, 0, 4);
  }
  const [own, theirs] = [option(answer, 1), option(query, 1)];
  const at = own.byteOffset - answer.byteOffset;
  answer.writeUInt16BE(theirs.length, at - 2);
  answer = Buffer.concat([answer.subarray(0, at), theirs, answer.subarray(at + own.length)]);
  return answer;
};
socket.on('message', (query, { port, address }) => {
  if (query[0] > 11 || option(query, 1) === undefined) return;
  const chosen = query[0] === 1 ? datagrams : datagrams.slice(-1);
  for (const answer of chosen.map((hex) => fit(hex, query))) {
    if (query[0] !== 1) answer[0] = 7;
    socket.send(answer, port, address);
  }
});
socket.bind(547, () => { socket.addMembership('ff02::1:2', '::%' + interfaceName); console.log('ready'); });
`;

/** `kea-encryption client --opportunistic` and servers in clear that do not keep to the letter. */
describe('a server in clear that is not as it should be', () => {
  const site = Site.forEachTest(0);

  async function serve(...datagrams: string[]): Promise<Namespace> {
    const { client, server } = site.topology;
    const args = ['-e', SERVER, SERVER_INTERFACE, ...datagrams];
    await server.start(process.execPath, args).waitForOutput(/ready/);
    return client;
  }

  async function lease(client: Namespace): Promise<RunResult> {
    const more = ['--interface', CLIENT_INTERFACE, '--json', '--opportunistic', '--timeout', '2'];
    const args = [tree.cli, 'client', 'lease', ...(await site.clientArguments(...more))];
    return client.runTree(process.execPath, args);
  }

  it('has its lease taken with an octet too many, and the servers beside it that cannot be chosen are passed over', async () => {
    const { code, stdout } = await lease(await serve(inputs.beyondEnd, inputs.unspecFail, inputs.trailing));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      encrypted: false,
      addresses: [{ address: '2001:db8:1::1001' }],
    });
  });

  it('is named in the last line with the reason why its answer was ignored', async () => {
    const { code, stderr } = await lease(await serve(inputs.beyondEnd));
    expect(code).toBe(3);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /none answered in clear \(answers were refused: option 0 has 7500 octets, 1 left/,
    );
  });

  it.each([
    ['a status text that is not UTF-8', inputs.notUtf8, []],
    [
      'addresses and prefixes of all kinds',
      inputs.alien,
      [
        'the address fe80::bad is a link-local address: it is not put on this host',
        "the prefix 2000::/3 is of 3 bits, and only 32 to 64 are one site's: it is not put on this host",
      ],
    ],
  ])('has only what may be put on the host: %s', async (_, input, problems) => {
    const client = await serve(input);
    const placed = async (): Promise<string> =>
      `${await client.runOk('ip', ['-6', 'address'])}${await client.runOk('ip', ['-6', 'route', 'show', 'table', 'all'])}`;
    const before = await placed();
    const lan = ['--prefix', '--downstream', 'lo'];
    const more = await site.clientArguments('--opportunistic', '--timeout', '2', ...lan);
    const daemon = RunningClient.start(client, more);
    await daemon.event('bound');
    await until('the address', async () => (await addressesOn(client)).includes('2001:db8:1::1001/128'));
    expect(await placed()).not.toMatch(/fe80::bad|2000::/);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    const told = daemon.events.filter(({ code }) => code === 'not-applicable').map(({ message }) => message);
    expect([...new Set(told)]).toEqual(problems.map((text): unknown => expect.stringContaining(text)));
    expect(await placed()).toBe(before);
  });
});
