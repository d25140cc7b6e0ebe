// SPDX-License-Identifier: MPL-2.0

import { linkState } from '../../../src/client';
import { addressStates } from '../../../src/client/apply/link-state';

test.each([
  ['[{"ifindex":3,"flags":["BROADCAST","UP","LOWER_UP"]}]', { index: 3, isUp: true }],
  ['[{"ifindex":4,"flags":["NO-CARRIER","BROADCAST","UP"]}]', { index: 4, isUp: false }],
  ['[{"ifindex":5,"flags":["BROADCAST"]}]', { index: 5, isUp: false }],
  ['', undefined],
])('%s: %p', async (text, state) => {
  expect(await linkState(() => Promise.resolve(text), 'eth0')).toEqual(state);
});

test('an interface that is not there has no state', async () => {
  expect(await linkState(() => Promise.reject(new Error('no such device')), 'eth0')).toBeUndefined();
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
