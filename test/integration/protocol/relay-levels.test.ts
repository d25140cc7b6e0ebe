// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { dirname, join } from 'node:path';
import {
  CLIENT_INTERFACE,
  CLIENT_PREFIX,
  dropCounts,
  SERVER_INTERFACE,
  Site,
  tree,
  untilDropped,
} from '../support';

/** Kea's own bound on a datagram, in octets: more of what is in clear it does not read. */
const KEA_READS = 1500;
/** As many as Kea takes; the options of so many are longer than that. */
const MAX_LEVELS = 32;

/**
 * A client behind a row of relays, all in one process: sends an Encrypted-Request and a Solicit inside as many levels
 * of Relay-forward, from the relay port, and prints for each answer the levels that came back and the message type.
 */
function program(levels: number, files: readonly string[], patience: number): string {
  return `
    const dist = ${JSON.stringify(join(dirname(tree.cli), '..'))};
    const { createSocket } = require('node:dgram');
    const codec = require(dist + '/dhcpv6');
    const { defaultCodePoints, encodeEncryptedRequest, decodeEncryptedReply, QuerySender } = require(dist + '/protocol');
    const { EndEntity, loadIdentity } = require(dist + '/pki');
    const { deriveDuid, ntpFromUnixMilliseconds } = require(dist + '/crypto');
    const [certificate, privateKey] = ${JSON.stringify(files)};
    const { privateKey: key, chain, spki } = loadIdentity({ certificate, privateKey, purpose: 'client', now: Date.now() });
    const signer = { key, chain };
    const link = codec.parseIpv6('2001:db8:1::1');
    const peer = codec.parseIpv6('fe80::77');
    const parts = (level) => ({
      interfaceId: { code: 18, data: Buffer.from('if' + level) },
      port: { code: 135, data: Buffer.from([2, 0x23]) },
      remote: { code: 37, data: Buffer.from([0, 0, 9, level]) },
      others: [[38, '737562736372'], [66, '004100050365723600'], [79, '0001020000000055']].map(([code, hex]) => ({ code, data: Buffer.from(hex, 'hex') })),
    });
    // Level 0 is the outermost, next to the server. Each has options before and behind its Relay Message, some twice.
    const relayed = (message) => Array.from({ length: ${levels} }, (_, at) => at).reduce((inner, level) =>
      codec.encodeRelay({ msgType: 12, hopCount: level, linkAddress: link, peerAddress: peer, options: [
        parts(level).port, parts(level).remote, parts(level).interfaceId, { code: 9, data: inner }, ...parts(level).others,
        { code: 18, data: Buffer.from('second') }, { code: 135, data: Buffer.from([2, 0x24]) },
      ] }), message);
    const socket = createSocket('udp6');
    const ask = (message) => new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('no answer')), ${patience}).unref();
      socket.once('message', resolve);
      socket.send(relayed(message), 547, 'ff02::1:2%${CLIENT_INTERFACE}');
    });
    const describe = ({ levels, message }, type) => ({
      type,
      levels: levels.map(({ msgType, hopCount, options }) => [msgType, hopCount, ...options.filter(({ code }) => code !== 9).map(({ code, data }) => code + ':' + data.toString('hex'))]),
    });
    socket.bind(547, async () => {
      try {
        const request = encodeEncryptedRequest(defaultCodePoints, signer, 0x010203, ntpFromUnixMilliseconds(Date.now() - 50));
        const first = codec.unwrapRelay(await ask(request));
        const reply = decodeEncryptedReply(defaultCodePoints, first.message);
        const server = EndEntity.parse(Buffer.from(reply.credential.certificates[0]));
        const sender = new QuerySender(defaultCodePoints, server.key, Buffer.from(reply.serverIdentifier));
        const solicit = { msgType: 1, transactionId: 0x040506, options: [
          { code: 1, data: deriveDuid(spki) }, { code: 8, data: Buffer.alloc(2) },
          codec.makeOption(codec.IaNaOption, { iaid: 1, t1: 0, t2: 0, options: [] }),
        ] };
        const query = sender.seal(solicit, { signer, timestamp: ntpFromUnixMilliseconds(Date.now()), includeCredential: false });
        const second = codec.unwrapRelay(await ask(query));
        const inner = sender.openResponse(second.message, key, 0x040506);
        const clear = codec.encodeMessage({ ...solicit, transactionId: 0x070809, options: [
          { code: 1, data: Buffer.from('00030001a1b2c3d4e5f6', 'hex') }, ...solicit.options.slice(1),
        ] });
        // Of what is in clear Kea reads as much as without the hook.
        const third = relayed(clear).length > ${KEA_READS} ? undefined : codec.unwrapRelay(await ask(clear));
        const answers = [[first, first.message[0]], [second, inner.message.msgType], ...(third ? [[third, third.message[0]]] : [])];
        console.log(JSON.stringify(answers.map((one) => describe(...one))));
      } catch (error) {
        console.log(JSON.stringify(error.message));
      }
      socket.close();
    });`;
}

describe('a message inside many levels of Relay-forward', () => {
  const site = Site.forEachTest(0);

  it.each([1, 8, 32])(
    '%d: comes back through the same levels, with the options that Kea returns',
    async (levels) => {
      const { first, second, inClear } = await ask(levels, 120_000);
      // Level 0 is the innermost; the answer's outermost level is the last.
      const hops = Array.from({ length: levels }, (_, at) => levels - 1 - at);
      const returned = hops.map((hop) => [13, hop, interfaceId(hop), '135:0223']);
      expect(first).toEqual({ type: 254, levels: returned });
      // Kea builds these.
      expect(second).toEqual({ type: 2, levels: returned });
      expect(inClear).toEqual(levels === MAX_LEVELS ? undefined : { type: 2, levels: returned });
    },
  );

  it('33: is dropped and counted', async () => {
    const { answer, drops } = await ask(33, 3000);
    expect(answer).toBe('no answer');
    expect(drops).toEqual({ 'malformed-relay': 1 });
  });

  /** @param patience milliseconds to wait for an answer */
  async function ask(levels: number, patience: number): Promise<Record<string, unknown>> {
    const subnet = { id: 1, prefix: CLIENT_PREFIX, pool: '2001:db8:1::1:0-2001:db8:1::1:ff' };
    const kea = await site.start(
      { mode: 'optional' },
      { kea: { interfaces: [SERVER_INTERFACE], subnets: [subnet] } },
    );
    const client = await site.pki.client();
    const script = program(levels, [client.certificate, client.privateKey], patience);
    const { stdout } = await site.topology.client.runTree(process.execPath, ['-e', script]);
    const answer: unknown = JSON.parse(stdout);
    if (!Array.isArray(answer)) {
      await untilDropped(kea, 'malformed-relay');
    }
    const drops = await dropCounts(kea);
    await kea.stop();
    return Array.isArray(answer)
      ? { first: answer[0], second: answer[1], inClear: answer[2], drops }
      : { answer, drops };
  }
});

function interfaceId(level: number): string {
  return `18:${Buffer.from(`if${level}`).toString('hex')}`;
}
