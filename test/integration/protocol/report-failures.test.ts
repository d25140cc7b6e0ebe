// SPDX-License-Identifier: MPL-2.0
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { requestDigest, type Signer } from '../../../src/protocol';
import { codes, timestamp } from '../attacks/support/forge';
import { Range } from '../attacks/support/range';
import {
  CLIENT_INTERFACE,
  dropCounts,
  dropsDuring,
  encryptedClient,
  lookingLonger,
  Site,
  tree,
  untilDropped,
  type CredentialFiles,
} from '../support';

const rsa1024 = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const p521 = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey;
const ed25519 = (): KeyObject => generateKeyPairSync('ed25519').publicKey;

/** docs/protocol.md 7: a server may tell a client, signed, why it does not serve it. */
describe('failures that are reported', () => {
  const site = Site.forEachTest(0);

  async function refusal(
    solution: string,
    credentials: CredentialFiles,
    options: { readonly bareKey?: boolean; readonly isTold?: boolean } = {},
  ): Promise<{ code: number; stderr: string }> {
    const { bareKey = false, isTold = true } = options;
    return lookingLonger(
      async (timeout) => {
        const more = ['--solution', solution, ...timeout];
        return encryptedClient('lease', await site.client({ credentials, bareKey, more }));
      },
      ({ code }) => !isTold || code === 1,
    );
  }

  it.each(['A', 'B'])('a certificate of another authority, solution %s', async (solution) => {
    const kea = await site.start({ solution });
    const { code, stderr } = await refusal(solution, await site.stranger());
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /the server CN=dhcp\.example\.net refused this client: it does not accept our credential/,
    );
    expect(await untilDropped(kea, 'authentication-fail')).toBeGreaterThan(0);
    expect(Object.keys(await dropCounts(kea))).toEqual(['authentication-fail']);
    expect(await kea.leases()).toEqual([]);
  });

  it.each(['A', 'B'])('a bare key where a certificate is demanded, solution %s', async (solution) => {
    const kea = await site.start({ solution, mode: 'authenticated' });
    const { code, stderr } = await refusal(solution, await site.pki.client(), { bareKey: true });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /the server CN=dhcp\.example\.net refused this client: it does not accept our credential/,
    );
    expect(await kea.leases()).toEqual([]);
  });

  it.each([
    [
      120,
      1,
      /the server CN=dhcp\.example\.net refused this client: it refuses our timestamp: its clock says 20/,
    ],
    // The client itself takes the server's timestamp for an old one (docs/protocol.md 6).
    [3600, 3, /the server's timestamp is refused: too-old \(it says 20/],
  ])('a clock that is %d s ahead', async (seconds, expected, complaint) => {
    const kea = await site.start({ timestamp: { delta: 60 } });
    const clock = site.path('clock.cjs');
    await writeFile(clock, `const { now } = Date; Date.now = () => now() + ${seconds}000;\n`);
    const args = await site.clientArguments('--interface', CLIENT_INTERFACE);
    const command = ['--require', clock, tree.cli, 'client', ...args];
    const { code, stderr } = await lookingLonger(
      (timeout) => site.topology.client.runTree(process.execPath, [...command, ...timeout]),
      (result) => complaint.test(result.stderr),
    );
    expect(stderr).toMatch(complaint);
    expect(code).toBe(expected);
    expect(await kea.leases()).toEqual([]);
  });

  it('are not told where the server is set not to', async () => {
    const kea = await site.start({ 'report-failures': false });
    const { code, stderr } = await refusal('A', await site.stranger(), { isTold: false });
    expect(code).not.toBe(0);
    expect(stderr).not.toMatch(/refused this client/);
    expect(await untilDropped(kea, 'authentication-fail')).toBeGreaterThan(0);
  });
});

/** What `kea-encryption client` never sends; what it says of such reports is in test/client/failure-reports.test.ts. */
describe.each(['A', 'B'] as const)('reports on spoilt messages, solution %s', (solution) => {
  let range: Range;

  beforeAll(async () => {
    range = await Range.open({ solution });
  });

  afterAll(() => range.close());

  function unsupported(publicKey: KeyObject): Buffer {
    const data = publicKey.export({ type: 'spki', format: 'der' });
    return range.request({ signer: range.good.signer, credential: [{ code: codes['public-key'], data }] });
  }

  const signer = (): Signer => range.good.signer;

  it.each([
    ['an RSA-1024 key', 705, 'algorithm-not-supported', () => unsupported(rsa1024())],
    ['a P-521 key', 705, 'algorithm-not-supported', () => unsupported(p521())],
    ['an Ed25519 key', 705, 'algorithm-not-supported', () => unsupported(ed25519())],
    [
      'an unknown signature algorithm',
      705,
      'algorithm-not-supported',
      () => range.request({ signer: signer(), shown: [1, 9] }),
    ],
    [
      'a spoilt signature',
      708,
      'signature-fail',
      () => range.request({ signer: signer(), signature: ({ length }) => Buffer.alloc(length, 1) }),
    ],
    [
      'a timestamp long past',
      707,
      'timestamp-fail',
      () => range.request({ signer: signer(), timestamp: timestamp(-3600) }),
    ],
  ] as const)('%s: status %d, signed, and counted as %s', async (name, code, reason, message) => {
    const before = await dropCounts(range.kea);
    const replied = await range.kea.statistic('encryption-replied');
    // Reports to one source are rate-limited.
    const sender = await range.wire.client(`fe80::${name.length.toString(16)}:${code}`);
    const request = message();
    const answer = await range.ask(request, sender);
    const msgType = solution === 'A' ? 'encrypted-reply' : 'encrypted-response';
    const reply = range.good.server.learn(msgType, answer);
    expect(reply).toMatchObject({ kind: 'report', requestDigest: requestDigest(request) });
    expect(reply.status).toMatchObject({ code, message: expect.stringMatching(/./) });
    expect(reply.message.transactionId).toBe(request.readUIntBE(1, 3));
    expect(await dropCounts(range.kea)).toEqual({ ...before, [reason]: (before[reason] ?? 0) + 1 });
    expect(await range.kea.statistic('encryption-replied')).toBe(replied + 1);
    await range.serves();
  });

  it('are told so often only', async () => {
    const sender = await range.wire.client('fe80::f:1');
    const requests = Array.from({ length: 30 }, () =>
      range.request({ signer: signer(), signature: ({ length }) => Buffer.alloc(length, 1) }),
    );
    const replied = await range.kea.statistic('encryption-replied');
    const drops = await dropsDuring(range.kea, requests.length, () => range.wire.send(requests, sender));
    expect(drops).toEqual({ 'signature-fail': requests.length });
    const reports = (await range.kea.statistic('encryption-replied')) - replied;
    expect(reports).toBeGreaterThan(0);
    expect(reports).toBeLessThan(requests.length / 2);
    await range.serves();
  });
});
