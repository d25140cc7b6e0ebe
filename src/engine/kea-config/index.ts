// SPDX-License-Identifier: MPL-2.0

export { checkKeaConfig, type ConfigCheckOptions, type ConfigProblem } from './check';
export { readEngineFile, readOwnedFile } from './engine-file';
export { type FilePosition, KeaConfigError, type KeaConfigErrorCode } from './errors';
export { KeaConfig, parseKeaConfig } from './parser';
