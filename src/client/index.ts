// SPDX-License-Identifier: MPL-2.0

export {
  anonymousIdentity,
  type AnonymousIdentity,
  type AnonymousRequest,
  type Chance,
  freshSigner,
  systemChance,
} from './anonymity';
export { type ClearIdentity, clearIdentity } from './clear-identity';
export { ContextKeeper } from './context-keeper';
export { DhcpClient, type DhcpClientOptions, type OpportunisticOptions } from './dhcp-client';
export type { Environment } from './environment';
export { ClientError, type ClientErrorCode } from './errors';
export type { LeaseClient } from './lease-client';
export type {
  Configuration,
  Lease,
  LeasedAddress,
  LeasedAssociation,
  LeasedPrefix,
  TimeServers,
} from './lease';
export { readLeaseFile, removeLeaseFile, requireWritableLeaseFile, writeLeaseFile } from './lease-file';
export { systemEnvironment } from './system-environment';
export type { Transport } from './transport';
export { isInterface, openUdpTransport, type UdpTransportOptions } from './udp-transport';
export { ServerPins } from './server-pins';
export type { ServerTrust } from './server-verifier';
export type { Wishes } from './wishes';
export {
  type SentTimestamp,
  type SteadyTime,
  type TimestampMemory,
  TimestampSource,
} from './timestamp-source';
export { MaxRt } from './max-rt';
export {
  ClientDaemon,
  type ClientEvent,
  type Credentials,
  type DaemonEnvironment,
  type DaemonOptions,
  type LeaseStatus,
  leaseStatus,
  type LeaseStore,
  type Liveness,
  livenessOf,
  type LossReason,
  readRunRecord,
  type RunRecord,
  RunRecordKeeper,
  runRecordPath,
  type RunState,
  systemDaemonEnvironment,
  TimestampFile,
  timestampPath,
} from './daemon';
export {
  AddressApplier,
  applicableEvent,
  type Applier,
  type Downstream,
  DownstreamApplier,
  linkState,
  parseDownstream,
  ResolvconfApplier,
  runCommand,
  ScriptApplier,
} from './apply';
