// SPDX-License-Identifier: MPL-2.0
import {
  DnsServersOption,
  ElapsedTimeOption,
  IaAddressOption,
  IaNaOption,
  makeOption,
  PreferenceOption,
  readOption,
  readOptions,
} from '../../src/dhcpv6';
import { expectDecodeError, expectEncodeError } from './support/errors';
import { octets } from './support/octets';

describe('options by their format', () => {
  const elapsed = makeOption(ElapsedTimeOption, 7);
  const preference = makeOption(PreferenceOption, 255);

  test('are read where they are there once', () => {
    expect(readOption([elapsed, preference], PreferenceOption)).toBe(255);
    expect(readOption([elapsed], PreferenceOption)).toBeUndefined();
    expectDecodeError(
      () => readOption([preference, elapsed, preference], PreferenceOption),
      'repeated-option',
      11,
    );
  });

  test('are all read where they may be repeated', () => {
    const ias = [1, 2].map((iaid) => makeOption(IaNaOption, { iaid, t1: 0, t2: 0, options: [] }));
    expect(readOptions([...ias, elapsed], IaNaOption).map(({ iaid }) => iaid)).toEqual([1, 2]);
    expect(readOptions([elapsed], IaNaOption)).toEqual([]);
  });

  test('are refused with the offset in their own data', () => {
    const cut = { code: PreferenceOption.code, data: octets('01 02') };
    expectDecodeError(() => readOption([elapsed, cut], PreferenceOption), 'trailing-octets', 1);
    expectDecodeError(() => readOptions([preference, cut], PreferenceOption), 'trailing-octets', 1);
  });

  test('are not made of more than a length can count', () => {
    const most = Array.from({ length: 4095 }, () => Buffer.alloc(16));
    expect(makeOption(DnsServersOption, most).data).toHaveLength(65520);
    expectEncodeError(() => makeOption(DnsServersOption, [...most, Buffer.alloc(16)]), 'too-long', 'value');
  });

  test('nest', () => {
    const address = Buffer.alloc(16, 1);
    const inner = makeOption(IaAddressOption, {
      address,
      preferredLifetime: 1,
      validLifetime: 2,
      options: [elapsed],
    });
    const outer = makeOption(IaNaOption, { iaid: 1, t1: 2, t2: 3, options: [inner] });
    const ia = readOption([outer], IaNaOption);
    expect(readOption(ia?.options ?? [], IaAddressOption)?.options).toEqual([elapsed]);
  });
});
