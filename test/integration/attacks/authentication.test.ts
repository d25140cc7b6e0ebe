// SPDX-License-Identifier: MPL-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { encodeOptions, OptionCode } from '../../../src/dhcpv6';
import type { Signer } from '../../../src/protocol';
import {
  codes,
  credentialOf,
  encryptionKeyOption,
  kemListOption,
  labels,
  newClientKey,
  timestamp,
  timestampOption,
  type Authentication,
} from './support/forge';
import { Range, settings } from './support/range';
import { member, privateKey, stranger } from './support/signers';

const rsa: Signer = {
  key: privateKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  chain: [],
};

type Parts = Omit<Authentication, 'msgType'>;

/** Encrypted-Requests and Solicits of solution B that are not what docs/protocol.md 2, 3 and 6 ask for. */
describe.each(settings)('forged authentication, solution %s, %i relay(s)', (solution, relays) => {
  let range: Range;

  beforeAll(async () => {
    range = await Range.open({ solution, relays });
  });

  afterAll(() => range.close());

  async function refuses(reason: string, variants: readonly Parts[]): Promise<void> {
    await range.refuses(
      reason,
      variants.map((parts) => range.request(parts)),
    );
  }

  it('with a timestamp that is too old, or in the future, is refused', async () => {
    const times = [
      timestamp(-301),
      timestamp(-86_400),
      timestamp(360),
      timestamp(86_400),
      0n,
      (1n << 64n) - 1n,
    ];
    await refuses(
      'timestamp-fail',
      times.map((time) => ({ signer: stranger(), timestamp: time })),
    );
    await range.accepts(range.request({ signer: stranger() }));
    await range.accepts(range.request({ signer: stranger(), timestamp: timestamp(-270) }));
    await range.accepts(range.request({ signer: stranger(), timestamp: timestamp(270) }));
  });

  it('with a timestamp that is not later than the last one from its key is refused', async () => {
    const signer = await member(range.authority);
    const last = timestamp(100);
    await range.accepts(range.request({ signer, timestamp: last }));
    // A copy, and no failure (docs/protocol.md 6).
    await refuses('replayed', [{ signer, timestamp: last }]);
    await refuses('timestamp-fail', [{ signer, timestamp: last - 1n }, { signer }]);
    await range.accepts(range.request({ signer, timestamp: last + 1n }));
  });

  it('with a signature over anything else, by anyone else, or of another form is refused', async () => {
    const signer = await member(range.authority);
    const other = stranger();
    const flip =
      (at: number) =>
      (octets: Buffer): Buffer => {
        const copy = Buffer.from(octets);
        copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
        return copy;
      };
    await refuses('signature-fail', [
      { signer, covered: flip(3) },
      { signer, covered: flip(0) },
      { signer, covered: (octets) => octets.subarray(4) },
      { signer, covered: (octets) => Buffer.concat([octets, Buffer.alloc(1)]) },
      { signer, prefix: labels.query },
      { signer, prefix: labels.server },
      { signer, prefix: Buffer.alloc(0) },
      { signer, key: other.key },
      { signer: other, credential: credentialOf(signer) },
      { signer: other, credential: [{ code: codes['public-key'], data: signer.key.public.spki }] },
      { signer, signature: () => Buffer.alloc(64) },
      { signer, signature: () => randomBytes(64) },
      { signer, signature: (octets) => octets.subarray(0, 63) },
      { signer, signature: (octets) => Buffer.concat([octets, Buffer.alloc(1)]) },
    ]);
    const added = encodeOptions([{ code: OptionCode.RapidCommit, data: Buffer.alloc(0) }]);
    await range.refuses('signature-fail', [Buffer.concat([range.request({ signer }), added])]);
    await range.accepts(range.request({ signer, after: [{ code: 65_000, data: Buffer.from('covered') }] }));
  });

  it('with algorithm ids that are unknown, or do not fit the key or the signature, is refused', async () => {
    const signer = await member(range.authority);
    const foreign = [
      [0, 0x82],
      [4, 0x82],
      [255, 0x82],
      [1, 0],
      [1, 0x81],
      [1, 0x83],
      [1, 0x84],
      [1, 255],
      // Of the draft, without a context string.
      [1, 2],
    ] as const;
    await refuses('algorithm-not-supported', [
      ...foreign.map((shown) => ({ signer, shown })),
      ...([1, 2, 3] as const).map((haId) => ({ signer: rsa, shown: [haId, 0x82] as const })),
      { signer: rsa, shown: [0, 0x81] },
      { signer: rsa, shown: [1, 0x84] },
    ]);
    await refuses('signature-fail', [
      { signer, shown: [2, 0x82] },
      { signer, shown: [3, 0x82] },
      { signer: rsa, shown: [1, 0x83] },
      { signer: rsa, shown: [3, 0x81] },
    ]);
    for (const used of [
      [2, 0x82],
      [3, 0x82],
    ] as const) {
      await range.accepts(range.request({ signer, used, shown: used }));
    }
    for (const used of [
      [2, 0x81],
      [1, 0x83],
      [3, 0x83],
    ] as const) {
      await range.accepts(range.request({ signer: rsa, used, shown: used }));
    }
  });

  it('with too few, too many, contradicting or misshapen options is refused', async () => {
    const signer = await member(range.authority);
    const bare = { code: codes['public-key'], data: signer.key.public.spki };
    const [certificate] = credentialOf(signer);
    const signature = { code: codes.signature, data: Buffer.from([1, 2, 3, 4]) };
    await refuses('option-repeated', [
      { signer, after: [timestampOption()] },
      { signer, after: [signature] },
      { signer, credential: [bare, bare] },
    ]);
    await refuses('option-missing', [{ signer, timestamp: undefined }]);
    await refuses('option-length', [
      { signer, signature: () => Buffer.alloc(0) },
      { signer, timestamp: undefined, after: [{ code: codes.timestamp, data: Buffer.alloc(7) }] },
      { signer, timestamp: undefined, after: [{ code: codes.timestamp, data: Buffer.alloc(9) }] },
    ]);
    await refuses('credential-ambiguous', [
      { signer, credential: [bare, ...credentialOf(signer)] },
      { signer, credential: [...credentialOf(signer), bare] },
    ]);
    await refuses('certificates-too-many', [{ signer, credential: new Array(9).fill(certificate) }]);
    await refuses('credential-invalid', [
      { signer, credential: [{ code: codes.certificate, data: Buffer.alloc(0) }] },
      { signer, credential: [{ ...bare, data: Buffer.concat([bare.data, Buffer.alloc(1)]) }] },
      { signer, credential: [{ ...bare, data: bare.data.subarray(0, -1) }] },
    ]);
    await refuses('option-missing', [{ signer, keys: [] }]);
    const kemList = (length: number) => ({ code: codes['kem-list'], data: Buffer.alloc(length) });
    const own = encryptionKeyOption(newClientKey().public);
    await refuses('option-repeated', [{ signer, keys: [kemListOption(32), kemListOption(32), own] }]);
    await refuses(
      'option-length',
      [0, 1, 3, 34].map((length) => ({ signer, keys: [kemList(length), own] })),
    );
    await refuses('client-identifier-present', [
      { signer, options: [{ code: OptionCode.ClientIdentifier, data: range.good.duid }] },
    ]);
    if (solution === 'A') {
      await refuses('credential-missing', [{ signer, credential: [] }]);
    } else {
      // Without a credential it is a Solicit in clear, for which Kea wants a Client Identifier.
      const duid = { code: OptionCode.ClientIdentifier, data: Buffer.from('0003000102005e000001', 'hex') };
      await refuses('cleartext-refused', [{ signer, credential: [], options: [duid] }]);
    }
    await range.accepts(range.request({ signer }));
  });
});
