// SPDX-License-Identifier: MPL-2.0
export { Capture } from './capture';
export { ClockAhead } from './clock-ahead';
export { ClockedClient } from './clocked-client';
export { sendCommand, type CommandAnswer } from './control-socket';
export { udpDatagrams, type Datagram } from './datagrams';
export {
  dropCounts,
  dropsDuring,
  dropsSince,
  totalDrops,
  undueDrops,
  untilDropped,
  type Drops,
} from './drops';
export {
  encryptedClient,
  exchangeOk,
  leaseOk,
  startEncryptedClient,
  type ClientLease,
  type EncryptedClientOptions,
} from './encrypted-client';
export {
  branchSockets,
  branchSubnet,
  clientSubnet,
  enginePid,
  hook,
  hookedKea,
  type HookedKeaOptions,
} from './hooked-kea';
export { Flood, type FloodSettings } from './flood-process';
export { ipv6Octets, ipv6Text } from './ipv6-text';
export { KeaServer, type KeaOptions } from './kea';
export {
  keaConfiguration,
  logger,
  SERVER_DUID,
  type HookSettings,
  type KeaObject,
  type KeaPaths,
  type KeaSettings,
  type SubnetSettings,
} from './kea-configuration';
export { readLeases, type KeaLease } from './kea-leases';
export { hooksIn, installedHook } from './kea-libraries';
export { keyOf } from './key-of';
export { LaneEngine } from './lane-engine';
export { leapingEnvironment } from './leap';
export { lookingLonger } from './looking-longer';
export { Namespace } from './namespace';
export { NotifySocket } from './notify-socket';
export { readPcap } from './pcap';
export { program } from './program';
export { perfdhcp, type PerfdhcpExchange, type PerfdhcpOptions, type PerfdhcpReport } from './perfdhcp';
export { run, Running, runOk, type Exit, type RunOptions, type RunResult } from './process';
export { Reaper } from './reaper';
export type { RelayOptions } from './relay';
export { startRelay } from './relay-process';
export { addressesOn, addressOf, prefixOf, RunningClient, type DaemonEvent } from './running-client';
export { unsanitized } from './sanitized';
export type { SteadyAnswer, SteadyStep } from './steady-client';
export { SteadyClient, type SteadySettings } from './steady-client-process';
export type { SwarmReplay, SwarmResult } from './swarm';
export { Swarm, type SwarmSettings } from './swarm-process';
export { iaidOctets, innerTypesOf, leaseSecrets, showing, typesOf } from './secrets';
export { ServerPair, type PairServer, type PairSettings } from './server-pair';
export { Site, type SiteClientOptions, type SiteServerOptions } from './site';
export { SERVER_NAME, TestPki, type CredentialFiles, type IssueOptions } from './test-pki';
export { Testbed } from './testbed';
export {
  CLIENT_INTERFACE,
  CLIENT_PREFIX,
  createBranch,
  createTopology,
  SERVER_INTERFACE,
  type BranchOptions,
  type RelayExtras,
  type StartRelay,
  type Topology,
} from './topology';
export { tree } from './tree';
export { pause, until } from '../../support/until';
