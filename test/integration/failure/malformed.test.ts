// SPDX-License-Identifier: MPL-2.0
/** @sanitized */
import { writeFile } from 'node:fs/promises';
import {
  CLIENT_INTERFACE,
  dropCounts,
  enginePid,
  leaseOk,
  Site,
  totalDrops,
  undueDrops,
  until,
  untilDropped,
} from '../support';

/** Kea's socket has room for about 90 datagrams. */
const BATCH = 40;

/** Sends datagrams from the client's port to the servers' group. */
async function send(site: Site, datagrams: readonly Buffer[]): Promise<void> {
  const file = site.path('datagrams.json');
  await writeFile(file, JSON.stringify(datagrams.map((octets) => octets.toString('hex'))));
  const script = `
    const datagrams = JSON.parse(require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8'));
    const socket = require('node:dgram').createSocket('udp6');
    socket.bind(546, '::', async () => {
      for (const datagram of datagrams) {
        await new Promise((done) => socket.send(Buffer.from(datagram, 'hex'), 547, 'ff02::1:2%${CLIENT_INTERFACE}', done));
      }
      socket.close();
    });`;
  await site.topology.client.runOk(process.execPath, ['-e', script]);
}

/** Datagrams that differ from a valid one, but not in its message type: shortened, lengthened, one octet changed. */
function spoilt(valid: Buffer): Buffer[] {
  const variants: Buffer[] = [valid];
  for (let length = 1; length < valid.length; length += Math.ceil(valid.length / 40)) {
    variants.push(valid.subarray(0, length));
  }
  for (let at = 1; at < valid.length; at += Math.ceil(valid.length / 80)) {
    const variant = Buffer.from(valid);
    variant.writeUInt8(variant.readUInt8(at) ^ 0x41, at);
    variants.push(variant);
  }
  variants.push(Buffer.concat([valid, Buffer.from([0])]), Buffer.concat([valid, Buffer.alloc(4000, 7)]));
  return variants;
}

/** Inside Relay-forward, with as many levels. */
function relayed(message: Buffer, levels: number): Buffer {
  let octets = message;
  for (let level = 0; level < levels; level += 1) {
    const header = Buffer.alloc(38);
    header[0] = 12;
    header[1] = level;
    header.writeUInt16BE(9, 34);
    header.writeUInt16BE(octets.length, 36);
    octets = Buffer.concat([header, octets]);
  }
  return octets;
}

describe('malformed messages', () => {
  const site = Site.forEachTest(0);

  it('are refused, counted and logged, one by one, and harm nobody', async () => {
    const kea = await site.start({ blocklist: { count: 0, window: 60, duration: 120 } });
    const engine = await enginePid(kea);
    // What it sends in clear is signed.
    const client = await site.client({ more: ['--public-certificate'] });
    const capture = await site.capture();
    await leaseOk('lease', client);
    const payloads = await capture.stopForPayloads();
    const valid = [253, 251].map((type) => payloads.find((payload) => payload[0] === type)!);
    expect(await undueDrops(kea)).toEqual({});

    const bad = [
      ...valid.flatMap(spoilt),
      // Only a server sends these.
      ...payloads.filter(([type]) => type === 252 || type === 254),
      ...[251, 252, 253, 254].flatMap((type) => [Buffer.from([type]), Buffer.from([type, 1, 2, 3])]),
      // Relayed ones, the last with more levels than are taken.
      ...valid.map((message) => relayed(message, 1)),
      ...valid.map((message) => relayed(message, 33)),
    ];
    // Kea itself counts what is too short to have a header.
    const tooShort = bad.filter(({ length }) => length < 4).length;
    const expected = bad.length - tooShort;
    const sum = async (): Promise<number> => totalDrops(await dropCounts(kea));
    const before = await sum();
    /** A message whose key or context became unknown is answered by what the server says to everybody, as is a failure. */
    const logged = (): number => kea.log.match(/ENCRYPTION_QUERY_(?:DROPPED|REPLIED)/g)?.length ?? 0;
    const loggedBefore = logged();
    for (let sent = 0; sent < bad.length; sent += BATCH) {
      const batch = bad.slice(sent, sent + BATCH);
      await send(site, batch);
      await until('all to be counted', async () => {
        const counted = logged() - loggedBefore + (await kea.statistic('pkt6-parse-failed'));
        return counted >= sent + batch.length;
      });
    }
    expect(logged() - loggedBefore).toBe(expected);
    const turnedAway = kea.log.match(/answered by the engine: (?!refused)/g)?.length ?? 0;
    expect((await sum()) - before + turnedAway).toBeGreaterThanOrEqual(expected);
    expect(turnedAway).toBeLessThan(expected / 2);
    expect(await kea.statistic('pkt6-parse-failed')).toBe(tooShort);
    const counts = await dropCounts(kea);
    for (const reason of [
      'malformed',
      'signature-fail',
      'timestamp-fail',
      'replayed',
      'envelope-open-fail',
    ]) {
      expect(counts).toHaveProperty(reason);
    }
    expect(await enginePid(kea)).toBe(engine);

    // Copies of the client's own message may be messages that their retransmissions have overtaken: as many as were served.
    const undue = async (): Promise<number> => (await undueDrops(kea))['timestamp-fail'] ?? 0;
    const undueBefore = await undue();
    await send(
      site,
      Array.from({ length: BATCH }, () => valid[0]!),
    );
    await untilDropped(kea, 'timestamp-fail', (counts['timestamp-fail'] ?? 0) + BATCH);
    const risen = (await undue()) - undueBefore;
    expect(risen).toBeGreaterThan(0);
    expect(risen).toBeLessThan(BATCH);
    expect(await leaseOk('lease', client)).toMatchObject({ event: 'lease' });
    expect(await kea.stop()).toMatchObject({ code: 0 });
  });
});
