// SPDX-License-Identifier: MPL-2.0
import fc from 'fast-check';
import { decodeDuid, type Duid, encodeDuid, formatDuid, parseDuid } from '../../src/dhcpv6';
import { buffer, uint16, uint32 } from './support/arbitraries';
import { expectDecodeError, expectEncodeError, valueOrDecodeError } from './support/errors';
import { octets } from './support/octets';

const table: [string, Buffer, Duid][] = [
  [
    'RFC 8415 section 11.2: DUID-LLT',
    octets(`
      00 01              // type
      00 01              // hardware type: Ethernet
      2a 3b 4c 5d        // time
      02 00 5e 10 00 01  // link-layer address
    `),
    { kind: 'duid-llt', hardwareType: 1, time: 0x2a3b4c5d, linkLayerAddress: octets('02 00 5e 10 00 01') },
  ],
  [
    'RFC 8415 section 11.3: DUID-EN',
    octets(`
      00 02                    // type
      00 00 00 09              // enterprise-number
      0c c0 84 d3 03 00 09 12  // identifier
    `),
    { kind: 'duid-en', enterpriseNumber: 9, identifier: octets('0c c0 84 d3 03 00 09 12') },
  ],
  [
    'RFC 8415 section 11.4: DUID-LL',
    octets(`
      00 03              // type
      00 1b              // hardware type: EUI-64
      02 00 5e ff fe 10 00 01
    `),
    { kind: 'duid-ll', hardwareType: 27, linkLayerAddress: octets('02 00 5e ff fe 10 00 01') },
  ],
  [
    'RFC 8415 section 11.5: DUID-UUID',
    octets(`
      00 04              // type
      87 ce 14 15 fc 6f 89 77 8e 0a 09 a1 e5 29 7c e6
    `),
    { kind: 'duid-uuid', uuid: octets('87 ce 14 15 fc 6f 89 77 8e 0a 09 a1 e5 29 7c e6') },
  ],
  [
    'a type of nobody',
    octets(`
      ff ff              // type
      00
    `),
    { kind: 'unknown', type: 65535, data: octets('00') },
  ],
];

describe('DUIDs', () => {
  test.each(table)('%s', (_, data, duid) => {
    expect(decodeDuid(data)).toEqual(duid);
    expect(encodeDuid(duid)).toEqual(data);
  });

  test('RFC 8415 section 11.1: 1 to 128 octets after the type', () => {
    expectDecodeError(() => decodeDuid(octets('')), 'truncated', 0);
    expectDecodeError(() => decodeDuid(octets('ff ff')), 'truncated', 2);
    expect(decodeDuid(Buffer.alloc(130, 9))).toMatchObject({ kind: 'unknown', type: 0x0909 });
    expectDecodeError(() => decodeDuid(Buffer.alloc(131, 9)), 'trailing-octets', 130);
    expectEncodeError(
      () => encodeDuid({ kind: 'unknown', type: 9, data: Buffer.alloc(0) }),
      'wrong-length',
      'duid',
    );
    expectEncodeError(
      () => encodeDuid({ kind: 'duid-ll', hardwareType: 1, linkLayerAddress: Buffer.alloc(127) }),
      'wrong-length',
      'duid',
    );
  });

  test.each([
    ['a DUID-LLT cut in its time', '00 01 00 01 2a 3b', 4],
    ['a DUID-EN cut in its enterprise-number', '00 02 00 00 09', 2],
    ['a DUID-LL cut in its hardware type', '00 03 00', 2],
    ['a DUID-UUID cut', '00 04 87 ce', 2],
  ])('%s', (_, data, offset) => {
    expectDecodeError(() => decodeDuid(octets(data)), 'truncated', offset);
  });

  test('a UUID has 16 octets', () => {
    expectDecodeError(
      () => decodeDuid(Buffer.concat([octets('00 04'), Buffer.alloc(17)])),
      'trailing-octets',
      18,
    );
    expectEncodeError(
      () => encodeDuid({ kind: 'duid-uuid', uuid: Buffer.alloc(15) }),
      'wrong-length',
      'uuid',
    );
  });

  test('encoding names what it refuses', () => {
    const linkLayerAddress = Buffer.alloc(6);
    expectEncodeError(
      () => encodeDuid({ kind: 'duid-llt', hardwareType: 1, time: 2 ** 32, linkLayerAddress }),
      'out-of-range',
      'time',
    );
    expectEncodeError(
      () => encodeDuid({ kind: 'duid-ll', hardwareType: 65536, linkLayerAddress }),
      'out-of-range',
      'hardwareType',
    );
    expectEncodeError(
      () => encodeDuid({ kind: 'duid-en', enterpriseNumber: -1, identifier: linkLayerAddress }),
      'out-of-range',
      'enterpriseNumber',
    );
    for (const type of [1, 2, 3, 4, 65536, -1, 5.5]) {
      expectEncodeError(
        () => encodeDuid({ kind: 'unknown', type, data: Buffer.alloc(20) }),
        'out-of-range',
        'type',
      );
    }
  });

  test('are printed as Kea does', () => {
    const duid = octets('00 03 00 01 02 00 5e 10 00 0A'.toLowerCase());
    expect(formatDuid(duid)).toBe('00:03:00:01:02:00:5e:10:00:0a');
    expect(parseDuid('00:03:00:01:02:00:5e:10:00:0a')).toEqual(duid);
    expect(parseDuid('00:03:00:01:02:00:5E:10:00:0A')).toEqual(duid);
    expect(parseDuid('0003000102005e10000a')).toEqual(duid);
  });

  test.each([
    '',
    '00:03', // a type and nothing else
    '0003',
    '00:03:1',
    '0:3:0:1',
    '000300010',
    '00:0300:01',
    '0003:00:01',
    ':00:03:00',
    '00:03:00:',
    '00::03:00',
    '00-03-00-01',
    '0x00030001',
    '00:03:00:0g',
    ' 00:03:00:01',
    '00:03:00:01\n',
    '00'.repeat(131),
  ])('%p is no DUID', (text) => {
    expectEncodeError(() => parseDuid(text), 'invalid-duid', 'duid');
  });

  test('property: any octets are a DUID that encodes to the same octets, or a DecodeError', () => {
    const likely = fc.tuple(fc.integer({ min: 0, max: 6 }), buffer(0, 24));
    const typed = likely.map(([type, rest]) => Buffer.concat([Buffer.of(0, type), rest]));
    fc.assert(
      fc.property(fc.oneof(typed, buffer(0, 140)), (any) => {
        const result = valueOrDecodeError(() => decodeDuid(any));
        if ('value' in result) {
          expect(encodeDuid(result.value)).toEqual(any);
        } else {
          expect(result.error.offset).toBeLessThanOrEqual(any.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('property: values survive encode and decode, and their octets survive text', () => {
    const duids: fc.Arbitrary<Duid> = fc.oneof(
      fc.record({
        kind: fc.constant('duid-llt'),
        hardwareType: uint16,
        time: uint32,
        linkLayerAddress: buffer(0, 20),
      }),
      fc.record({ kind: fc.constant('duid-en'), enterpriseNumber: uint32, identifier: buffer(0, 124) }),
      fc.record({ kind: fc.constant('duid-ll'), hardwareType: uint16, linkLayerAddress: buffer(0, 20) }),
      fc.record({ kind: fc.constant('duid-uuid'), uuid: buffer(16, 16) }),
      fc.record({
        kind: fc.constant('unknown'),
        type: uint16.filter((type) => type < 1 || type > 4),
        data: buffer(1, 128),
      }),
    );
    fc.assert(
      fc.property(duids, (duid) => {
        const data = encodeDuid(duid);
        expect(decodeDuid(data)).toEqual(duid);
        expect(parseDuid(formatDuid(data))).toEqual(data);
        expect(parseDuid(data.toString('hex'))).toEqual(data);
      }),
    );
  });
});
