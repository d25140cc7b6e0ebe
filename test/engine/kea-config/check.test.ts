// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { checkKeaConfig, fileCredentialReader } from '../../../src/engine';

function problemsOf(config: unknown): readonly { readonly setting: string; readonly text: string }[] {
  return checkKeaConfig('kea-dhcp6.conf', {
    readFile: () => JSON.stringify(config),
    engineFile: '/etc/engine.conf',
    readEngineFile: () => '{}',
    credentials: fileCredentialReader,
    now: 0,
  });
}

const json = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom('toString', 'valueOf', 'mode', 'length'), fc.jsonValue()),
);

describe('kea-dhcp6.conf', () => {
  it.each([
    [{ toString: 1 }, '{"toString":1} is not the path of a hook library'],
    [7, '7 is not the path of a hook library'],
    [undefined, 'nothing is not the path of a hook library'],
  ])('whose hook library is %j is told so', (library, text) => {
    const found = problemsOf({ Dhcp6: { 'hooks-libraries': [{ library }] } });
    expect(found[0]).toMatchObject({ setting: 'Dhcp6.hooks-libraries[0].library', text });
  });

  it('with any JSON in any place has problems that are told, and throws nothing', () => {
    const hook = { library: '/x/libdhcp_encryption.so', parameters: {} };
    const places: readonly ((value: unknown) => unknown)[] = [
      (value) => value,
      (Dhcp6) => ({ Dhcp6 }),
      (value) => ({ Dhcp6: { 'hooks-libraries': value } }),
      (value) => ({ Dhcp6: { 'hooks-libraries': [hook, value] } }),
      (library) => ({ Dhcp6: { 'hooks-libraries': [{ library }] } }),
      (parameters) => ({ Dhcp6: { 'hooks-libraries': [{ ...hook, parameters }] } }),
      (value) => ({ Dhcp6: { 'hooks-libraries': [hook], 'host-reservation-identifiers': value } }),
      (subnet6) => ({ Dhcp6: { subnet6, 'shared-networks': subnet6 } }),
      (encryption) => ({ Dhcp6: { subnet6: [{ 'user-context': { encryption } }] } }),
      (mode) => ({ Dhcp6: { subnet6: [{ 'user-context': { encryption: { mode } } }] } }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), json, (place, value) => {
        for (const { text } of problemsOf(place(value))) {
          expect(text).toMatch(/\S/);
        }
      }),
    );
  });
});
