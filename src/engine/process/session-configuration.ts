// SPDX-License-Identifier: MPL-2.0

import { availableParallelism } from 'node:os';
import type { CrlFiles } from '../trust/crl-files';
import { rememberingCrls } from '../trust/file-credential-reader';
import { parseKeaJson } from '../kea-config/kea-json';
import { type FileStamps, stampFiles } from '../trust/file-stamps';
import { workerMaterial } from '../trust/load-material';
import {
  type LoadedSettings,
  loadSettings,
  parseSettings,
  parseSubnetModes,
  type Settings,
} from '../settings';
import type { WorkerSettings } from '../handlers/worker-protocol';

/** Open contexts of all workers together: a few kilobytes each. */
const maximumContexts = 65_536;

export interface SessionConfiguration {
  readonly workers: number;
  readonly worker: WorkerSettings;
  readonly settings: Settings;
  readonly crlFiles: CrlFiles;
  /** Of the CRLs' files, taken before they were read. */
  readonly crlStamps: FileStamps;
}

interface ConfigureText {
  readonly parameters: unknown;
  readonly serverIdentifier: Buffer;
  readonly subnets: unknown;
}

/** RFC 8415 section 11.1: a DUID has at most 128 octets after its 2-octet type. */
const duidPattern = /^(?:[0-9a-f]{2}){3,130}$/i;

function readText(text: string): ConfigureText {
  const json = parseKeaJson(text);
  if (typeof json !== 'object' || json === null) {
    throw new Error('the configuration is no JSON map');
  }
  const map = new Map<string, unknown>(Object.entries(json));
  const serverIdentifier = map.get('server-identifier');
  if (typeof serverIdentifier !== 'string' || !duidPattern.test(serverIdentifier)) {
    throw new Error('"server-identifier" is no DUID in hexadecimal');
  }
  return {
    parameters: map.get('parameters') ?? {},
    serverIdentifier: Buffer.from(serverIdentifier, 'hex'),
    subnets: map.get('subnets') ?? [],
  };
}

function workerSettings(loaded: LoadedSettings, serverIdentifier: Buffer, workers: number): WorkerSettings {
  const { settings } = loaded;
  return {
    codePoints: settings.codePoints,
    policy: {
      solution: settings.solution,
      queryAuthentication: settings.queryAuthentication,
      reportFailures: settings.reportFailures,
      timestamp: settings.timestamp,
      hostIdentifier: settings.hostIdentifier,
    },
    serverIdentifier,
    ...workerMaterial(loaded),
    stateDirectory: settings.stateDirectory,
    keyTable: settings.keyTable,
    blocklist: settings.blocklist,
    maximumContexts: Math.ceil(maximumContexts / workers),
  };
}

/**
 * Reads CONFIGURE (docs/engine-channel.md) and every file that it names.
 * @param now milliseconds since 1970
 * @throws SettingsError that names the setting, its value and what would be right
 */
export function readConfiguration(text: string, now: number): SessionConfiguration {
  const { parameters, serverIdentifier, subnets } = readText(text);
  const settings = parseSettings(parameters);
  parseSubnetModes(subnets);
  const crlStamps = stampFiles(settings.crls);
  const crlFiles = new Map<string, readonly Buffer[]>();
  const loaded = loadSettings(settings, now, rememberingCrls(crlFiles));
  const workers = settings.engine.workers === 0 ? availableParallelism() : settings.engine.workers;
  const worker = workerSettings(loaded, serverIdentifier, workers);
  return { workers, worker, settings, crlFiles, crlStamps };
}
