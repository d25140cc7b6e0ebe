// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import { MessageType, OptionCode, StatusCode } from '../../src/dhcpv6';
import {
  codePointProblems,
  codePointRanges,
  defaultCodePoints,
  overrideCodePoints,
} from '../../src/protocol/code-points';

describe('code points (docs/protocol.md 1)', () => {
  test('the defaults', () => {
    expect(Object.values(defaultCodePoints.messageTypes)).toEqual([251, 252, 253, 254]);
    expect(Object.values(defaultCodePoints.optionCodes)).toEqual([
      ...[701, 702, 703, 704, 705, 706],
      ...[707, 708, 709, 710, 711],
    ]);
    expect(Object.values(defaultCodePoints.statusCodes)).toEqual([705, 706, 707, 708, 709]);
    expect(codePointProblems(defaultCodePoints)).toEqual([]);
  });

  test('an override replaces what it names and nothing else', () => {
    const codePoints = overrideCodePoints({
      messageTypes: { 'encrypted-reply': 200 },
      optionCodes: { signature: 65001 },
    });
    expect(codePoints.messageTypes).toEqual({ ...defaultCodePoints.messageTypes, 'encrypted-reply': 200 });
    expect(codePoints.optionCodes).toEqual({ ...defaultCodePoints.optionCodes, signature: 65001 });
    expect(codePoints.statusCodes).toEqual(defaultCodePoints.statusCodes);
    expect(codePointProblems(codePoints)).toEqual([]);
  });

  test.each([
    ['messageTypes', Object.values(MessageType)],
    ['optionCodes', Object.values(OptionCode)],
    ['statusCodes', Object.values(StatusCode)],
  ] as const)('no number of RFC 8415 is free to use: %s', (group, assigned) => {
    for (const value of assigned) {
      const name = Object.keys(defaultCodePoints[group])[0]!;
      const problems = codePointProblems(overrideCodePoints({ [group]: { [name]: value } }));
      expect(problems).toEqual([{ code: 'out-of-range', group, name, value }]);
    }
  });

  test.each([-1, 0, 256, 251.5, Number.NaN, Number.POSITIVE_INFINITY])('%p is no message type', (value) => {
    const codePoints = overrideCodePoints({ messageTypes: { 'encrypted-query': value } });
    expect(codePointProblems(codePoints)).toMatchObject([{ code: 'out-of-range', name: 'encrypted-query' }]);
  });

  test('two names with one number are told apart', () => {
    const codePoints = overrideCodePoints({ optionCodes: { timestamp: 701 } });
    expect(codePointProblems(codePoints)).toEqual([
      { code: 'duplicate', group: 'optionCodes', name: 'timestamp', value: 701, other: 'public-key' },
    ]);
  });

  test('an option and a status may have the same number', () => {
    const codePoints = overrideCodePoints({ statusCodes: { 'signature-fail': 701 } });
    expect(codePointProblems(codePoints)).toEqual([]);
  });

  test('any two numbers of the range are accepted if and only if they differ', () => {
    const { lowest, highest } = codePointRanges.messageTypes;
    const code = fc.integer({ min: lowest, max: highest });
    fc.assert(
      fc.property(code, code, (query, reply) => {
        const messageTypes = {
          'encrypted-query': query,
          'encrypted-response': query,
          'encrypted-request': reply,
          'encrypted-reply': reply,
        };
        const problems = codePointProblems(overrideCodePoints({ messageTypes }));
        expect(problems.filter(({ code: problem }) => problem === 'duplicate')).toHaveLength(
          query === reply ? 3 : 2,
        );
      }),
    );
  });
});
