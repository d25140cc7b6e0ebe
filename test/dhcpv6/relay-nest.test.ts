// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  decodeRelay,
  type DhcpOption,
  encodeMessage,
  encodeRelay,
  OptionCode,
  type RelayMessage,
  relayReplyLength,
  rewrapRelay,
  unwrapRelay,
  wrapRelayReply,
} from '../../src/dhcpv6';
import { buffer, message, relay } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { isViewInto, octets } from './support/octets';

const exchange = JSON.parse(
  readFileSync(path.join(__dirname, '../vectors/protocol/exchange.json'), 'utf8'),
) as { flows: { server: string; client: string; relayed: { relay_forward: string; relay_reply: string } }[] };

/** What Relay-forward levels become on the way back, one encoder call per level: slow and plain. */
function nestOneByOne(levels: readonly RelayMessage[], msgType: 12 | 13, inner: Buffer): Buffer {
  return levels.reduceRight<Buffer>((relayed, level) => {
    const options = level.options.map(({ code, data }) => ({
      code,
      data: code === OptionCode.RelayMessage ? relayed : data,
    }));
    return encodeRelay({ ...level, msgType, options });
  }, inner);
}

/** What of these options a Relay-reply returns, found in another way than the codec does; `echo` is for that only. */
function returnedOf(options: readonly DhcpOption[], echo: readonly number[]): DhcpOption[] {
  const first = (code: number): DhcpOption[] => options.filter((option) => option.code === code).slice(0, 1);
  const isEchoed = ({ code }: DhcpOption): boolean => ![9, 18, 135].includes(code) && echo.includes(code);
  return [...first(18), ...first(135), ...options.filter(isEchoed), ...first(9)];
}

const levelOf = (msgType: 12 | 13, hopCount: number): RelayMessage => ({
  msgType,
  hopCount,
  linkAddress: Buffer.alloc(16, hopCount),
  peerAddress: Buffer.alloc(16, 0xfe),
  options: [
    { code: OptionCode.InterfaceId, data: Buffer.of(hopCount) },
    { code: OptionCode.RelayMessage, data: Buffer.alloc(0) },
    { code: 37, data: octets('00 00 00 09') },
  ],
});
/** The codes in the level's first Echo Request option. */
function echoesOf({ options }: RelayMessage): number[] {
  const data = options.find(({ code }) => code === 43)?.data ?? Buffer.alloc(0);
  return data.length % 2 === 1
    ? []
    : Array.from({ length: data.length / 2 }, (_, at) => data.readUInt16BE(2 * at));
}

const levelsOf = (count: number, msgType: 12 | 13 = 12): RelayMessage[] =>
  Array.from({ length: count }, (_, depth) => levelOf(msgType, count - 1 - depth));

const inner = octets('01 00 00 07  00 0e 00 00');

describe('relay nests', () => {
  const nest = octets(`
    0c 01                                            // Relay-forward, hop-count 1
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  // link-address
    fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // peer-address
    00 12  00 02  75 70                              // Interface-Id
    00 09  00 36                                     // Relay Message, 54 octets
      0c 00                                          // Relay-forward, hop-count 0
      20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
      fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02
      00 09  00 08                                   // Relay Message, 8 octets
        01 00 00 07  00 0e 00 00                     // Solicit with Rapid Commit
      00 25  00 04  00 00 00 09                      // Remote-Id, after it
  `);

  test('are taken apart into views, outermost level first', () => {
    const { levels, message: found } = unwrapRelay(nest);
    expect(levels.map(({ hopCount }) => hopCount)).toEqual([1, 0]);
    expect(levels[0]).toEqual(decodeRelay(nest));
    expect(found).toEqual(inner);
    expect(isViewInto(found, nest)).toBe(true);
  });

  test('take another message, longer or shorter, with all else in its place', () => {
    expect(rewrapRelay(unwrapRelay(nest), inner)).toEqual(nest);
    expect(rewrapRelay(unwrapRelay(nest), octets('07 00 00 07'))).toEqual(
      octets(`
        0c 01
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01
        00 12  00 02  75 70
        00 09  00 32                                 // 4 octets less
          0c 00
          20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01
          fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02
          00 09  00 04
            07 00 00 07
          00 25  00 04  00 00 00 09
      `),
    );
  });

  test('RFC 8415 section 19.3: are answered by the matching Relay-reply', () => {
    const answer = octets('07 00 00 07');
    const { levels } = unwrapRelay(nest);
    const reply = unwrapRelay(wrapRelayReply(levels, answer));
    expect(reply.message).toEqual(answer);
    expect(reply.levels.map(({ msgType }) => msgType)).toEqual([13, 13]);
    reply.levels.forEach((level, depth) => {
      const { hopCount, linkAddress, peerAddress } = levels[depth]!;
      expect(level).toMatchObject({ hopCount, linkAddress, peerAddress });
      const returned: DhcpOption[] = depth === 0 ? [levels[0]!.options[0]!] : [];
      expect(level.options.slice(0, -1)).toEqual(returned);
      expect(level.options.at(-1)).toMatchObject({ code: 9 });
    });
  });

  test.each([
    { title: 'neither', given: [37, 9, 38, 66, 79], returned: [9] },
    { title: 'one', given: [37, 9, 18, 79], returned: [18, 9] },
    { title: 'both, in order of their codes', given: [135, 37, 9, 38, 18], returned: [18, 135, 9] },
    { title: 'the first of several', given: [18, 135, 18, 9, 135, 18], returned: [18, 135, 9] },
  ])('of their options return Interface-Id and Relay-Source-Port: $title', ({ given, returned }) => {
    const levels = [0, 1, 2].map((hopCount) => ({
      ...levelOf(12, hopCount),
      options: given.map((code, at) => ({ code, data: Buffer.of(0, at + hopCount) })),
    }));
    const reply = unwrapRelay(wrapRelayReply(levels, inner));
    expect(reply.message).toEqual(inner);
    reply.levels.forEach(({ options }, depth) => {
      expect(options.map(({ code }) => code)).toEqual(returned);
      const before = levels[depth]!.options;
      for (const option of options.filter(({ code }) => code !== 9)) {
        expect(option).toEqual(before.find(({ code }) => code === option.code));
      }
    });
  });

  test.each([
    { title: 'names', echo: '00 25 00 4f', returned: '18 135 79 37 37 9' },
    {
      title: 'names what is returned anyhow, or is not there',
      echo: '00 12 00 09 00 87 00 63',
      returned: '18 135 9',
    },
    { title: 'names itself', echo: '00 2b', returned: '18 135 43 9' },
    { title: 'is empty', echo: '', returned: '18 135 9' },
    { title: 'cannot be read', echo: '00 25 00', returned: '18 135 9' },
  ])('RFC 4994 section 4: return what an Echo Request option $title', ({ echo, returned }) => {
    const data = octets(echo);
    const options = [79, 37, 135, 9, 18, 37, 38].map((code) => ({ code, data: Buffer.of(0, code) }));
    const level = { ...levelOf(12, 0), options: [...options, { code: 43, data }] };
    // It is its own level's only.
    const reply = unwrapRelay(wrapRelayReply([levelOf(12, 1), level], inner));
    expect(reply.levels[0]!.options.map(({ code }) => code)).toEqual([18, 9]);
    expect(reply.levels[1]!.options.map(({ code }) => code).join(' ')).toBe(returned);
  });

  test('of no level are the message itself', () => {
    expect(unwrapRelay(inner)).toEqual({ levels: [], message: inner });
    expect(rewrapRelay({ levels: [], message: inner }, inner)).toEqual(inner);
    expect(wrapRelayReply([], inner)).toEqual(inner);
  });

  test.each([12, 13] as const)('of type %i have up to 32 levels, and not 33', (msgType) => {
    const deepest = nestOneByOne(levelsOf(32, msgType), msgType, inner);
    const unwrapped = unwrapRelay(deepest);
    expect(unwrapped.levels).toHaveLength(32);
    expect(unwrapped.levels.every((level) => level.msgType === msgType)).toBe(true);
    expect(unwrapped.message).toEqual(inner);
    expect(rewrapRelay(unwrapped, inner)).toEqual(deepest);

    const tooDeep = nestOneByOne(levelsOf(33, msgType), msgType, inner);
    // 32 times a header of 34, Interface-Id of 5 and the Relay Message option's 4 octets
    expectDecodeError(() => unwrapRelay(tooDeep), 'too-many-relay-levels', 32 * 43);
    expect(unwrapRelay(tooDeep, 33).levels).toHaveLength(33);
  });

  test('the caller may allow fewer levels', () => {
    expectDecodeError(() => unwrapRelay(nest, 1), 'too-many-relay-levels', 44);
    expectDecodeError(() => unwrapRelay(nest, 0), 'too-many-relay-levels', 0);
    expect(unwrapRelay(inner, 0).message).toEqual(inner);
  });

  test('are refused with an offset that counts from the outermost octet', () => {
    const within = (mutated: (octetsOf: Buffer) => void): Buffer => {
      const copy = Buffer.from(nest);
      mutated(copy);
      return copy;
    };
    expectDecodeError(() => unwrapRelay(octets('')), 'truncated', 0);
    expectDecodeError(() => unwrapRelay(octets('0c 00')), 'truncated', 2);
    const reply = within((copy) => copy.writeUInt8(13, 44));
    expectDecodeError(() => unwrapRelay(reply), 'mixed-relay-types', 44);
    const forwardInReply = within((copy) => copy.writeUInt8(13, 0));
    expectDecodeError(() => unwrapRelay(forwardInReply), 'mixed-relay-types', 44);
    const innerTooLong = within((copy) => copy.writeUInt16BE(99, 80));
    expectDecodeError(() => unwrapRelay(innerTooLong), 'truncated', 78);
    const noRelayMessage = within((copy) => copy.writeUInt16BE(10, 78));
    expectDecodeError(() => unwrapRelay(noRelayMessage), 'missing-option', 78);
    const twoRelayMessages = within((copy) => copy.writeUInt16BE(9, 90));
    expectDecodeError(() => unwrapRelay(twoRelayMessages), 'repeated-option', 90);
    const empty = nestOneByOne(levelsOf(1), 12, Buffer.alloc(0));
    expectDecodeError(() => unwrapRelay(empty), 'truncated', 43);
  });

  test('an inner level does not reach into the options after it', () => {
    const whole = nestOneByOne(levelsOf(2), 12, inner);
    // The inner level is at octet 43; its Remote-Id, 8 octets, ends where the outer one's begins.
    const remoteIdAt = whole.length - 16;
    const tooLong = Buffer.from(whole);
    tooLong.writeUInt16BE(5, remoteIdAt + 2);
    expectDecodeError(() => unwrapRelay(tooLong), 'truncated', remoteIdAt);

    const headerCut = Buffer.from(whole);
    headerCut.writeUInt16BE(1, remoteIdAt + 2); // 3 octets are left of the inner level
    expectDecodeError(() => unwrapRelay(headerCut), 'truncated', remoteIdAt + 5);
  });

  test('encoding names what it refuses', () => {
    const [outer, lower] = [levelOf(12, 1), levelOf(12, 0)] as const;
    const refuses = (level: RelayMessage) => () => wrapRelayReply([outer, level], inner);
    expectEncodeError(refuses(levelOf(13, 0)), 'wrong-message-type', 'levels[1].msgType');
    expectEncodeError(refuses({ ...lower, hopCount: -1 }), 'out-of-range', 'levels[1].hopCount');
    expectEncodeError(
      refuses({ ...lower, linkAddress: Buffer.alloc(15) }),
      'wrong-length',
      'levels[1].linkAddress',
    );
    expectEncodeError(refuses({ ...lower, options: [] }), 'missing-option', 'levels[1].options');
    expectEncodeError(
      refuses({ ...lower, options: [...lower.options, ...lower.options] }),
      'repeated-option',
      'levels[1].options',
    );
    const long = { code: 37, data: Buffer.alloc(65536) };
    const withLong = { ...outer, options: [...outer.options, long] };
    expectEncodeError(
      () => rewrapRelay({ levels: [withLong], message: inner }, inner),
      'too-long',
      'levels[0].options[3].data',
    );
    // What is not returned does no harm.
    expect(wrapRelayReply([withLong], inner)).toEqual(wrapRelayReply([outer], inner));
    expectEncodeError(
      () => relayReplyLength([outer, levelOf(13, 0)], 4),
      'wrong-message-type',
      'levels[1].msgType',
    );
    expectEncodeError(() => wrapRelayReply([outer], Buffer.alloc(0)), 'wrong-length', 'message');
  });

  test('a message that no Relay Message option can count is refused', () => {
    const longest = Buffer.alloc(65535, 1);
    expect(unwrapRelay(wrapRelayReply(levelsOf(1), longest)).message).toEqual(longest);
    expectEncodeError(() => wrapRelayReply(levelsOf(1), Buffer.alloc(65536, 1)), 'too-long', 'message');
    expectEncodeError(() => wrapRelayReply(levelsOf(2), longest), 'too-long', 'message');
  });

  test.each(exchange.flows)('known answers: $server, $client', ({ relayed }) => {
    const forward = Buffer.from(relayed.relay_forward, 'hex');
    const reply = Buffer.from(relayed.relay_reply, 'hex');
    const query = unwrapRelay(forward);
    const answer = unwrapRelay(reply);
    expect(query.levels.length).toBeGreaterThan(1);
    expect(rewrapRelay(query, query.message)).toEqual(forward);
    expect(rewrapRelay(answer, answer.message)).toEqual(reply);
    expect(wrapRelayReply(query.levels, answer.message)).toEqual(reply);
  });

  test('property: any octets are a nest that wraps to the same octets, or a DecodeError', () => {
    fc.assert(
      fc.property(
        fc.array(relay(12, fc.constant(Buffer.alloc(0))), { maxLength: 3 }),
        buffer(0, 100),
        (levels, any) => {
          const whole = nestOneByOne(levels, 12, any);
          const result = valueOrDecodeError(() => unwrapRelay(whole));
          if ('value' in result) {
            expect(rewrapRelay(result.value, result.value.message)).toEqual(whole);
          } else {
            expect(result.error.offset).toBeLessThanOrEqual(whole.length);
          }
          valueOrDecodeError(() => unwrapRelay(any));
        },
      ),
    );
  });

  test('property: nests of up to 32 levels, unknown options included, survive; so do their answers', () => {
    const nests = fc.constantFrom<12 | 13>(12, 13).chain((type) =>
      fc.record({
        type: fc.constant(type),
        levels: fc.array(relay(type, fc.constant(Buffer.alloc(0))), { maxLength: 32, size: 'max' }),
        query: message.map(encodeMessage),
        answer: message.map(encodeMessage),
      }),
    );
    fc.assert(
      fc.property(nests, ({ type, levels, query, answer }) => {
        const whole = nestOneByOne(levels, type, query);
        const unwrapped = unwrapRelay(whole);
        expect(unwrapped.levels).toHaveLength(levels.length);
        expect(unwrapped.message).toEqual(query);
        expect(rewrapRelay(unwrapped, query)).toEqual(whole);
        expect(rewrapRelay(unwrapped, answer)).toEqual(nestOneByOne(levels, type, answer));
        if (type === 12) {
          const wrapped = wrapRelayReply(unwrapped.levels, answer);
          const returned = levels.map((level) => ({
            ...level,
            options: returnedOf(level.options, echoesOf(level)),
          }));
          expect(wrapped).toEqual(nestOneByOne(returned, 13, answer));
          expect(relayReplyLength(unwrapped.levels, answer.length)).toBe(wrapped.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('every truncation of a nest is a DecodeError, but where only the outermost last option is gone', () => {
    const whole = nestOneByOne(levelsOf(4), 12, inner);
    const withoutRemoteId = whole.length - 8;
    for (let length = 0; length < whole.length; length += 1) {
      const result = valueOrDecodeError(() => unwrapRelay(whole.subarray(0, length)));
      expect('value' in result).toBe(length === withoutRemoteId);
    }
  });
});
