// SPDX-License-Identifier: MPL-2.0

export type { ClientIdentity } from './client-identity';
export { type DropReason, dropReasons } from './drop-reasons';
export { EngineServer } from './server';
export { fileCredentialReader } from './file-credential-reader';
export { KeyTable, prepareKeyTable } from './key-table';
export { checkKeaConfig, type ConfigProblem } from './kea-config';
