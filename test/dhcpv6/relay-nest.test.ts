// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import {
  decodeRelay,
  encodeMessage,
  encodeRelay,
  OptionCode,
  type RelayMessage,
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
      expect(level.options.map(({ code }) => code)).toEqual(levels[depth]!.options.map(({ code }) => code));
    });
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
    expectEncodeError(
      () => wrapRelayReply([{ ...outer, options: [...outer.options, long] }], inner),
      'too-long',
      'levels[0].options[3].data',
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
    const question = unwrapRelay(forward);
    const answer = unwrapRelay(reply);
    expect(question.levels.length).toBeGreaterThan(1);
    expect(rewrapRelay(question, question.message)).toEqual(forward);
    expect(rewrapRelay(answer, answer.message)).toEqual(reply);
    expect(wrapRelayReply(question.levels, answer.message)).toEqual(reply);
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
        question: message.map(encodeMessage),
        answer: message.map(encodeMessage),
      }),
    );
    fc.assert(
      fc.property(nests, ({ type, levels, question, answer }) => {
        const whole = nestOneByOne(levels, type, question);
        const unwrapped = unwrapRelay(whole);
        expect(unwrapped.levels).toHaveLength(levels.length);
        expect(unwrapped.message).toEqual(question);
        expect(rewrapRelay(unwrapped, question)).toEqual(whole);
        expect(rewrapRelay(unwrapped, answer)).toEqual(nestOneByOne(levels, type, answer));
        if (type === 12) {
          expect(wrapRelayReply(unwrapped.levels, answer)).toEqual(nestOneByOne(levels, 13, answer));
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
