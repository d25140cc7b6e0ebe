// SPDX-License-Identifier: MPL-2.0

export { AnnouncementBoard } from './announcement-board';
export type { EncryptionKey, KeyScope } from './encryption-key';
export { EncryptionKeyRing, type EncryptionKeySettings, type RingChange } from './encryption-key-ring';
export { EncryptionKeySet, type ToldKey } from './encryption-key-set';
export { findKeyFile, type KeyFile } from './key-file';
export { KeyKeeper, type KeyMaterial } from './key-keeper';
