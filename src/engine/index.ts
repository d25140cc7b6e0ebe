// SPDX-License-Identifier: MPL-2.0

export type { ClientIdentity } from './key-table/client-identity';
export { type DropReason, dropReasons } from './packet/drop-reasons';
export { EngineServer, type EngineServerOptions } from './process/server';
export { fileCredentialReader } from './trust/file-credential-reader';
export { KeyTable, prepareKeyTable } from './key-table';
export { checkKeaConfig, type ConfigProblem, readEngineFile, readOwnedFile } from './kea-config';
export { judgePolicy } from './process/session-configuration';
export type { Policy } from './settings';
