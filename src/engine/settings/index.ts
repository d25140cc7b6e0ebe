// SPDX-License-Identifier: MPL-2.0

export type { CredentialReader } from './credential-reader';
export {
  problemText,
  refuseFirst,
  SettingsError,
  type SettingsProblem,
  type SettingsProblemCode,
} from './errors';
export { type CheckedFiles, checkFiles, type LoadedSettings, loadSettings } from './load';
export type { Mode } from './mode';
export { type CheckedSettings, checkSettings, parseSettings } from './parse';
export { combineParameters, type Policy, secretParameters } from './policy';
export { pathText, type SettingPath } from './path';
export type { EngineSettings, IdentityFiles, MetricsEndpoint, Settings } from './settings';
export { isMap } from './map-reader';
export { flexIdProblems, userContextProblems } from './subnet-settings';
export { valueText } from '../../support';
