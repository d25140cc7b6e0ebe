// SPDX-License-Identifier: MPL-2.0
import { encodeOptions, MessageType, OptionCode } from '../../../src/dhcpv6';
import { codes, credentialOf, opening, Queries, relayed } from './support/forge';
import { Range, whatIsTold } from './support/range';
import { member } from './support/signers';

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 0xff]), body]);
}

/** A SubjectPublicKeyInfo of an algorithm that has so long a name. */
function keyOf(length: number): Buffer {
  return der(0x30, der(0x30, der(0x06, Buffer.alloc(length, 0x2a))), Buffer.from([3, 2, 0, 1]));
}

/** What a datagram has room for is more than a log line or an answer has (docs/protocol.md 7): it ends no engine. */
describe.each([[{}], [{ 'report-failures': false }]] as const)(
  'with %j a message that is as long as a datagram can be',
  (parameters) => {
    let range: Range;

    beforeAll(async () => {
      range = await Range.open({ solution: 'A', parameters });
    });

    afterAll(() => range.close());

    afterEach(async () => {
      await range.serves();
      expect(await range.kea.statistic('encryption-engine-restarts')).toBe(0);
    });

    it.each([17_000, 33_000])(
      'and names an algorithm by %d octets is one of an unknown algorithm',
      async (length) => {
        const signer = await member(range.authority);
        const credential = [{ code: codes['public-key'], data: keyOf(length) }];
        const message = range.request({ signer, credential });
        const reply = await range.ask(message);
        expect(whatIsTold(reply)).toBe('report');
        expect(reply.length).toBeLessThan(2000);
      },
    );

    it('and shows the key in an opening query is refused', async () => {
      const signer = await member(range.authority);
      const question = range.good.question(MessageType.Solicit);
      const credential = [{ code: codes['public-key'], data: keyOf(33_000) }];
      const query = new Queries(range.server).query(opening(question, { signer, credential }));
      await range.refuses('algorithm-not-supported', [query]);
    });

    it('and shows a certificate that is longer than any is refused before the certificate is read', async () => {
      const signer = await member(range.authority);
      const [certificate] = credentialOf(signer);
      const data = der(0x30, certificate!.data, Buffer.alloc(30_000));
      const question = range.good.question(MessageType.Solicit);
      const shown = [{ code: codes.certificate, data }];
      const query = new Queries(range.server).query(opening(question, { signer, credential: shown }));
      await range.refuses('certificates-too-many', [query]);
    });
  },
);

describe('an answer that would be longer than a datagram', () => {
  it('is not sent, and the engine goes on', async () => {
    const range = await Range.open({ solution: 'A', relays: 0 });
    try {
      const signer = { ...(await member(range.authority)), chain: [] };
      const request = range.request({ signer, padTo: 0 });
      const link = Buffer.from('20010db8000100000000000000000001', 'hex');
      const forward = relayed(request, link, Buffer.alloc(16, 0xfe));
      // The server puts what a relay agent has added into its answer, which has its certificate besides.
      const filler = Buffer.alloc(65_500 - forward.length, 'x');
      const interfaceId = encodeOptions([{ code: OptionCode.InterfaceId, data: filler }]);
      const long = Buffer.concat([forward.subarray(0, 34), interfaceId, forward.subarray(34)]);
      await range.refuses('answer-too-long', [long]);
      expect(await range.kea.statistic('encryption-engine-restarts')).toBe(0);
    } finally {
      await range.close();
    }
  });
});
