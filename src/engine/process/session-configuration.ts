// SPDX-License-Identifier: MPL-2.0

import { fstatSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dropReasons } from '../packet/drop-reasons';
import { type Kem, kems } from '../../crypto';
import type { CrlFiles } from '../trust/crl-files';
import { fileCredentialReader, rememberingCrls } from '../trust/file-credential-reader';
import { parseKeaJson } from '../kea-config/kea-json';
import { type FileStamps, stampFiles } from '../trust/file-stamps';
import { workerMaterial } from '../trust/load-material';
import {
  combineParameters,
  flexIdProblems,
  isMap,
  type LoadedSettings,
  loadSettings,
  parseSettings,
  type Policy,
  refuseFirst,
  secretParameters,
  type SettingPath,
  type Settings,
  userContextProblems,
} from '../settings';
import type { WorkerSettings } from '../handlers/worker-protocol';

export interface SessionConfiguration {
  readonly workers: number;
  readonly worker: WorkerConfiguration;
  readonly kems: readonly Kem[];
  readonly settings: Settings;
  /** Where the policy stands, for problems' paths. */
  readonly path: SettingPath;
  readonly crlFiles: CrlFiles;
  /** Of the CRLs' files, taken before they were read. */
  readonly crlStamps: FileStamps;
}

/** What Kea's configuration says, as CONFIGURE has it (docs/engine-channel.md). */
export interface ConfigureText {
  readonly parameters: unknown;
  /** The configuration is only to be judged (kea-dhcp6 -T). */
  readonly isCheck: boolean;
  readonly serverIdentifier: Buffer;
  readonly hasFlexId: boolean;
  /** Those of subnets and shared networks, each with whose it is. */
  readonly userContexts: readonly { readonly of: string; readonly context: unknown }[];
}

/** Octets of a configuration. A subnet's part of it has about a hundred. */
const MAX_CONFIGURATION = 256 * 1024 * 1024;

/**
 * The text of CONFIGURE (docs/engine-channel.md).
 * @param fd of a file, or memory, that the hook has written it to; it stays open
 * @throws Error if it is not readable as a file, or has more than MAX_CONFIGURATION octets
 */
export function readConfigureText(fd: number): string {
  const stats = fstatSync(fd);
  if (!stats.isFile() || stats.size > MAX_CONFIGURATION) {
    throw new Error(`the configuration is not a file of at most ${MAX_CONFIGURATION} octets`);
  }
  const octets = Buffer.alloc(stats.size);
  let length = 0;
  for (let count = -1; count !== 0 && length < octets.length; length += count) {
    count = readSync(fd, octets, length, octets.length - length, length);
  }
  return octets.toString('utf8', 0, length);
}

/** RFC 8415 section 11.1: a DUID has at most 128 octets after its 2-octet type. */
const duidPattern = /^(?:[0-9a-f]{2}){3,130}$/i;

/**
 * Parses CONFIGURE.
 * @throws Error if it is not what a hook sends, and names a private key above all
 */
export function parseConfigureText(text: string): ConfigureText {
  const json = parseKeaJson(text);
  if (typeof json !== 'object' || json === null) {
    throw new Error('the configuration is no JSON map');
  }
  const map = new Map<string, unknown>(Object.entries(json));
  const serverIdentifier = map.get('server-identifier');
  if (typeof serverIdentifier !== 'string' || !duidPattern.test(serverIdentifier)) {
    throw new Error('"server-identifier" is no DUID in hexadecimal');
  }
  const parameters = map.get('parameters') ?? {};
  for (const name of secretParameters) {
    if (isMap(parameters) && Object.hasOwn(parameters, name)) {
      throw new Error(`parameters.${name}: no connection names the engine's private keys`);
    }
  }
  return {
    parameters,
    isCheck: map.get('check') === true,
    serverIdentifier: Buffer.from(serverIdentifier, 'hex'),
    hasFlexId: map.get('flex-id') === true,
    userContexts: readUserContexts(map.get('user-contexts') ?? []),
  };
}

function readUserContexts(json: unknown): ConfigureText['userContexts'] {
  if (!Array.isArray(json)) {
    throw new Error('"user-contexts" is no JSON list');
  }
  return json.map((entry: unknown) => {
    const map = new Map<string, unknown>(Object.entries(entry ?? {}));
    return { of: String(map.get('of')), context: map.get('user-context') };
  });
}

/** The settings of a worker but for its keys, which its session makes. */
export type WorkerConfiguration = Omit<WorkerSettings, 'keys' | 'board'>;

function workerSettings(
  loaded: LoadedSettings,
  serverIdentifier: Buffer,
  workers: number,
): WorkerConfiguration {
  const { settings } = loaded;
  return {
    codePoints: settings.codePoints,
    policy: {
      solution: settings.solution,
      reportFailures: settings.reportFailures,
      draftLiteral: settings.draftLiteral,
      timestamp: settings.timestamp,
      hostIdentifier: settings.hostIdentifier,
    },
    serverIdentifier,
    offered: offeredKems(settings).map(({ kemId }) => kemId),
    ...workerMaterial(loaded),
    stateDirectory: settings.stateDirectory,
    keyTable: settings.keyTable,
    blocklist: settings.blocklist,
    maximumContexts: Math.ceil(settings.maxContexts / workers),
  };
}

/** In the order of the setting. */
function offeredKems({ encryptionKeys }: Settings): readonly Kem[] {
  return encryptionKeys.kems.flatMap((name) => kems.filter((kem) => kem.name === name));
}

/**
 * What an engine serves by: its policy and, in what that leaves open, Kea's configuration. Reads every file that the
 * policy names; Kea's names none that is opened.
 * @param now milliseconds since 1970
 * @throws SettingsError that names the setting and what would be right
 */
export function readConfiguration(policy: Policy, told: ConfigureText, now: number): SessionConfiguration {
  const { serverIdentifier, hasFlexId, userContexts } = told;
  // By itself first: what is wrong in it is not the fault of Kea's configuration.
  parseSettings(policy.parameters, policy.path);
  const { parameters, problems } = combineParameters(policy, told.parameters);
  refuseFirst(problems);
  const settings = parseSettings(parameters);
  refuseFirst(flexIdProblems(settings.hostIdentifier, hasFlexId));
  for (const { of, context } of userContexts) {
    refuseFirst(userContextProblems(context, [of, 'user-context']));
  }
  const crlStamps = stampFiles(settings.crls);
  const crlFiles = new Map<string, readonly Buffer[]>();
  const loaded = loadSettings(settings, now, rememberingCrls(crlFiles), policy.path);
  const workers = settings.engine.workers === 0 ? availableParallelism() : settings.engine.workers;
  const worker = workerSettings(loaded, serverIdentifier, workers);
  const { path } = policy;
  return { workers, worker, kems: offeredKems(settings), settings, path, crlFiles, crlStamps };
}

/**
 * Judges what an engine would serve by, before anybody connects.
 * @throws SettingsError that names the setting and what would be right
 */
export function judgePolicy({ parameters, path }: Policy, now: number): void {
  loadSettings(parseSettings(parameters, path), now, fileCredentialReader, path);
}

/** What the hook has to know of a configuration that was accepted: the text of CONFIGURED (docs/engine-channel.md). */
export function configuredText({ workers, settings }: SessionConfiguration): string {
  const { solution, mode, engine, codePoints } = settings;
  return JSON.stringify({
    workers,
    reasons: dropReasons,
    timeout: engine.timeout,
    solution,
    mode,
    'message-types': codePoints.messageTypes,
    'option-codes': codePoints.optionCodes,
  });
}
