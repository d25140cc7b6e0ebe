// SPDX-License-Identifier: MPL-2.0

export {
  anonymousIdentity,
  type AnonymousIdentity,
  type AnonymousRequest,
  type RandomSource,
  freshSigner,
  systemRandomSource,
} from './anonymity';
export { type ClearIdentity, clearIdentity } from './clear/clear-identity';
export { ContextKeeper } from './servers/context-keeper';
export { DhcpClient, type DhcpClientOptions, type OpportunisticOptions } from './dhcp-client';
export { type Environment, systemEnvironment } from './exchange/environment';
export { ClientError, type ClientErrorCode } from './exchange/errors';
export type { LeaseClient } from './lease/lease-client';
export type {
  Configuration,
  Lease,
  LeasedAddress,
  LeasedAssociation,
  LeasedPrefix,
  TimeServers,
} from './lease/lease';
export { readLeaseFile, removeLeaseFile, requireWritableLeaseFile, writeLeaseFile } from './lease/lease-file';
export { ProtocolTime, type TimeFromServers } from './exchange/protocol-time';
export type { Transport, Way } from './exchange/transport';
export {
  isInterface,
  linkLocalAddress,
  openUdpTransport,
  type UdpTransportOptions,
} from './exchange/udp-transport';
export { ServerPins } from './servers/server-pins';
export type { ServerTrust } from './servers/server-verifier';
export type { LeaseRequest } from './lease/lease-request';
export {
  type SentTimestamp,
  type SteadyTime,
  type TimestampMemory,
  TimestampSource,
} from './exchange/timestamp-source';
export { MaxRt } from './exchange/max-rt';
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
