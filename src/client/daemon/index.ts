// SPDX-License-Identifier: MPL-2.0

export { ClientDaemon } from './client-daemon';
export type { ClientEvent, LossReason } from '../lease/events';
export type { Credentials } from './interrupts';
export { type LeaseStatus, leaseStatus } from './lease-status';
export {
  type DaemonEnvironment,
  type DaemonOptions,
  type LeaseStore,
  systemDaemonEnvironment,
} from './options';
export { type Liveness, livenessOf } from './process-identity';
export type { RunRecord, RunState } from './run-record';
export { readRunRecord, RunRecordKeeper, runRecordPath } from './run-record-file';
export { TimestampFile, timestampPath } from './timestamp-file';
