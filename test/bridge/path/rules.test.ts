// SPDX-License-Identifier: MPL-2.0
/** @sanitized */

import { native } from '../../../src/bridge/native';
import { pathRules } from '../../../src/bridge/path-rules';

test('the type of the rules names those of the addon, one for one', () => {
  expect(pathRules).toEqual(native.pathRules);
});
