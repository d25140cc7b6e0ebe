// SPDX-License-Identifier: MPL-2.0

import { isLinkUp } from '../../../src/client';
import { addressStates } from '../../../src/client/apply/link-state';

test.each([
  ['[{"flags":["BROADCAST","UP","LOWER_UP"]}]', true],
  ['[{"flags":["NO-CARRIER","BROADCAST","UP"]}]', false],
  ['[{"flags":["BROADCAST"]}]', false],
  ['', false],
])('%s: up %s', async (text, isUp) => {
  expect(await isLinkUp(() => Promise.resolve(text), 'eth0')).toBe(isUp);
});

test('an interface that is not there is down', async () => {
  expect(await isLinkUp(() => Promise.reject(new Error('no such device')), 'eth0')).toBe(false);
});

test('duplicate address detection: what ip says', async () => {
  const info = [
    { local: '2001:db8::1', dadfailed: true, tentative: true },
    { local: '2001:db8::2', tentative: true },
    { local: '2001:db8::3' },
  ];
  const run = (): Promise<string> => Promise.resolve(JSON.stringify([{ addr_info: info }]));
  expect(await addressStates(run, 'eth0')).toEqual([
    { address: '2001:db8::1', state: 'duplicate' },
    { address: '2001:db8::2', state: 'tentative' },
    { address: '2001:db8::3', state: 'usable' },
  ]);
});
