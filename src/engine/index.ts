// SPDX-License-Identifier: MPL-2.0

export { type DropReason, dropReasons } from './drop-reasons';
export { EngineServer } from './server';
export { fileCredentialReader } from './file-credential-reader';
export { checkKeaConfig, type ConfigProblem } from './kea-config';
