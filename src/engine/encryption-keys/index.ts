// SPDX-License-Identifier: MPL-2.0

export type { EncryptionKey, KeyScope } from './encryption-key';
export { EncryptionKeyRing, type EncryptionKeySettings, type RingChange } from './encryption-key-ring';
export { EncryptionKeySet, type ToldKey } from './encryption-key-set';
