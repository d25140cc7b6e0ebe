// SPDX-License-Identifier: MPL-2.0

export { ClientDaemon } from './client-daemon';
export type { ClientEvent, LossReason } from './events';
export type { DaemonEnvironment, DaemonOptions, LeaseStore } from './options';
export { systemDaemonEnvironment } from './system';
