// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { checkDer, DerError, oidText } from '../../src/pki/der';
import { element, sequence, utf8String } from './support/der';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('what DER is (ITU-T X.690 sections 10 and 11)', () => {
  test.each([
    ['an empty sequence', '30 00'],
    ['nested sequences', '30 04 30 02 05 00'],
    ['a length of one octet in the long form', `30 81 80 04 7e ${'00'.repeat(126)}`],
    ['true', '01 01 ff'],
    ['false', '01 01 00'],
    ['zero', '02 01 00'],
    ['a positive integer with its sign octet', '02 02 00 80'],
    ['a negative integer', '02 01 80'],
    ['an empty bit string', '03 01 00'],
    ['a bit string with unused bits', '03 02 07 80'],
    ['NULL', '05 00'],
    ['an object identifier', '06 03 55 04 03'],
    ['an object identifier with a long arc', '06 03 2a 86 48'],
    ['UTF-8', '0c 02 c3 bc'],
    ['UTCTime', '17 0d 32 35 30 31 30 31 30 30 30 30 30 30 5a'],
    ['GeneralizedTime', '18 0f 32 30 35 35 30 31 30 31 30 30 30 30 30 30 5a'],
    ['a sorted set', '31 06 02 01 01 02 01 02'],
    ['a set with a value twice', '31 06 02 01 01 02 01 01'],
    ['an implicitly tagged value of any contents', '82 02 80 ff'],
  ])('%s is accepted', (_name, octets) => {
    expect(() => checkDer(hex(octets))).not.toThrow();
  });

  test.each([
    ['nothing', '', 0, 'ends inside'],
    ['a tag alone', '30', 0, 'ends inside'],
    ['a length that overruns', '30 03 05 00', 0, 'ends inside'],
    ['a cut long length', '30 82 01', 0, 'ends inside'],
    ['a trailing octet', '30 00 00', 2, '1 octets after the end'],
    ['an indefinite length', '30 80 00 00', 0, 'indefinite'],
    ['a long form for a short length', '30 81 02 05 00', 0, 'not minimal'],
    ['a leading zero in a length', `30 82 00 80 04 7e ${'00'.repeat(126)}`, 0, 'not minimal'],
    ['a tag of more than one octet', '3f 81 00 00', 0, 'tag of more'],
    ['a boolean of 01', '30 03 01 01 01', 2, 'boolean'],
    ['a boolean of two octets', '01 02 ff ff', 0, 'boolean'],
    ['an integer without octets', '02 00', 0, 'without octets'],
    ['a padded positive integer', '02 02 00 7f', 0, 'not minimal'],
    ['a padded negative integer', '02 02 ff 80', 0, 'not minimal'],
    ['a bit string without octets', '03 00', 0, 'unused bits'],
    ['eight unused bits', '03 02 08 00', 0, 'unused bits'],
    ['unused bits without any bits', '03 01 01', 0, 'unused bits'],
    ['unused bits that are set', '03 02 01 01', 0, 'not zero'],
    ['NULL with contents', '05 01 00', 0, 'NULL'],
    ['an object identifier without octets', '06 00', 0, 'ends early'],
    ['an object identifier that ends inside an arc', '06 02 55 81', 0, 'ends early'],
    ['a padded arc', '06 03 55 80 01', 0, 'not minimal'],
    ['text that is no UTF-8', '0c 01 c3', 0, 'UTF-8'],
    ['an IA5String beyond ASCII', '16 01 fc', 0, 'ASCII'],
    ['UTCTime without seconds', '17 0b 32 35 30 31 30 31 30 30 30 30 5a', 0, 'YYMMDD'],
    ['UTCTime with an offset', '17 11 32 35 30 31 30 31 30 30 30 30 30 30 2b 30 31 30 30', 0, 'YYMMDD'],
    [
      'GeneralizedTime with a fraction',
      '18 11 32 30 35 35 30 31 30 31 30 30 30 30 30 30 2e 35 5a',
      0,
      'YYYYMMDD',
    ],
    ['a set that is not sorted', '31 06 02 01 02 02 01 01', 5, 'sorted'],
    ['a string in pieces', '24 04 04 02 00 00', 0, 'DER does not have'],
    ['a primitive sequence', '10 00', 0, 'no place'],
    ['an end-of-contents', '00 00', 0, 'no place'],
  ])('%s is refused, with its place', (_name, octets, offset, reason) => {
    let refusal: unknown;
    try {
      checkDer(hex(octets));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DerError);
    expect(refusal).toMatchObject({ offset });
    expect(String(refusal)).toContain(reason);
  });

  test('nesting has an end before the stack has', () => {
    const nested = (levels: number) => {
      let octets: Buffer = Buffer.of(0x05, 0x00);
      for (let level = 0; level < levels; level += 1) {
        octets = sequence(octets);
      }
      return octets;
    };
    expect(() => checkDer(nested(32))).not.toThrow();
    expect(() => checkDer(nested(33))).toThrow('nested');
    expect(() => checkDer(nested(5000))).toThrow('nested');
  });

  test('any octets are DER or refused with a DerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        try {
          checkDer(Buffer.from(octets));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
    );
  });

  test('an element cut short anywhere is refused', () => {
    const whole = sequence(sequence(utf8String('cut')), element(0x04, Buffer.alloc(200)));
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => checkDer(whole.subarray(0, length))).toThrow(DerError);
    }
  });
});

test.each([
  ['551d2500', '2.5.29.37.0'],
  ['2a8648ce3d0301', '1.2.840.10045.3.1'],
  ['883703', '2.999.3'],
  ['2b06010505070301', '1.3.6.1.5.5.7.3.1'],
])('the object identifier %s is %s', (contents, text) => {
  expect(oidText(hex(contents))).toBe(text);
});
