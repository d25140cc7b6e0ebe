// SPDX-License-Identifier: MPL-2.0

import { privateKeyExposure } from '../../pki';
import type { Settings } from '../settings';

/** A warning for each private key that more users can read than should. */
export function exposedKeys({
  identity,
  previousKeys,
}: Pick<Settings, 'identity' | 'previousKeys'>): readonly string[] {
  return [identity, ...previousKeys]
    .map(({ privateKey }) => (privateKey === '' ? undefined : privateKeyExposure(privateKey)))
    .filter((text) => text !== undefined);
}
