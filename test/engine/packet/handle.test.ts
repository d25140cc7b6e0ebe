// SPDX-License-Identifier: MPL-2.0

import { handleSource, queryHandle, readHandle } from '../../../src/engine/packet/handle';

test('a handle tells its context, and whether the answer binds a DUID', () => {
  const next = handleSource();
  const [first, second] = [next(), next()];
  const read = [first, second].flatMap((owner) =>
    [false, true].map((bindsDuid) => readHandle(queryHandle(owner, bindsDuid))),
  );
  expect(read).toEqual([
    { owner: first, bindsDuid: false },
    { owner: first, bindsDuid: true },
    { owner: second, bindsDuid: false },
    { owner: second, bindsDuid: true },
  ]);
  expect(readHandle(queryHandle(2 ** 52, true))).toEqual({ owner: 2 ** 52, bindsDuid: true });
});
