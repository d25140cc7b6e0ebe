// SPDX-License-Identifier: MPL-2.0

export { type LoadTestOptions, type LoadTestResult, runLoadTest } from './load-test';
export type { ProcessTime } from './process-time';
export { scenarioHelp, type ScenarioName, scenarioNames } from './scenario';
