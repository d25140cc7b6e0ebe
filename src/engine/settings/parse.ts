// SPDX-License-Identifier: MPL-2.0

import { kems } from '../../crypto';
import { hostIdentifierKinds } from '../clients/host-identifier';
import { codePointSettings, readCodePoints } from './code-point-settings';
import { SettingsError, type SettingsProblem } from './errors';
import { MapReader } from './map-reader';
import { modes } from './mode';
import type { SettingPath } from './path';
import { ProblemList } from './problem-list';
import type { EngineSettings, IdentityFiles, MetricsEndpoint, Settings } from './settings';

export const parameterNames: readonly string[] = [
  'solution',
  'mode',
  'certificate',
  'private-key',
  'private-key-command',
  'previous-keys',
  'trust-anchors',
  'intermediates',
  'crls',
  'encryption-keys',
  'contexts',
  'draft-literal',
  'report-failures',
  'timestamp',
  'key-table',
  'blocklist',
  'host-identifier',
  'state-directory',
  'engine',
  'metrics',
  ...Object.values(codePointSettings),
];

const identityNames = ['certificate', 'private-key'];
const day = 86_400;
const year = 366 * day;

/** Where the engine's unit listens. */
const defaultSocket = '/run/kea-encryption/engine.sock';

/** sockaddr_un holds 108 octets, the last of them zero. */
const MAX_SOCKET_PATH_LENGTH = 107;

export type CheckedSettings =
  | { readonly settings: Settings; readonly problems: readonly [] }
  | { readonly settings?: never; readonly problems: readonly SettingsProblem[] };

/**
 * Checks the hook's parameters as a whole: all that can be told without looking at files.
 * @param json the parameters as JSON values
 * @param path where the parameters stand, for the problems' paths
 */
export function checkSettings(json: unknown, path: SettingPath = ['parameters']): CheckedSettings {
  const problems = new ProblemList();
  const parameters = new MapReader(json, path, parameterNames, problems);
  parameters.require('trust-anchors', 'a list of files with the certificates that clients may be issued by');
  const settings: Settings = {
    solution: parameters.choice('solution', ['A', 'B'], 'A'),
    mode: parameters.choice('mode', modes, 'optional'),
    identity: readOwnIdentity(parameters, problems),
    previousKeys: parameters.maps('previous-keys', identityNames).map(readIdentity),
    trustAnchors: parameters.files('trust-anchors'),
    intermediates: parameters.files('intermediates'),
    crls: parameters.files('crls'),
    encryptionKeys: readEncryptionKeys(parameters, problems),
    maxContexts: readContexts(parameters),
    draftLiteral: parameters.flag('draft-literal', false),
    reportFailures: parameters.flag('report-failures', true),
    timestamp: readTimestamp(parameters),
    keyTable: readKeyTable(parameters),
    blocklist: readBlocklist(parameters),
    hostIdentifier: parameters.choice('host-identifier', hostIdentifierKinds, 'none'),
    stateDirectory: parameters.file('state-directory', '/var/lib/kea/encryption'),
    engine: readEngine(parameters, problems),
    metrics: readMetrics(parameters, problems),
    codePoints: readCodePoints(parameters, problems),
  };
  if (Array.isArray(parameters.value('trust-anchors')) && settings.trustAnchors.length === 0) {
    problems.refuse('out-of-range', parameters.at('trust-anchors'), [], 'a list with at least one file');
  }
  checkLifetime(settings, parameters, problems);
  return problems.problems.length === 0 ? { settings, problems: [] } : { problems: problems.problems };
}

/**
 * The hook's parameters as settings.
 * @throws SettingsError for the first wrong one
 */
export function parseSettings(json: unknown, path?: SettingPath): Settings {
  const { settings, problems } = checkSettings(json, path);
  if (settings !== undefined) {
    return settings;
  }
  const [first] = problems;
  throw new SettingsError(first ?? { code: 'bad-type', path: [], text: 'no settings' });
}

function readIdentity(map: MapReader): IdentityFiles {
  map.require('certificate', 'the PEM file with the certificate and the intermediates behind it');
  map.require('private-key', "the PEM file with the certificate's private key");
  return { certificate: map.file('certificate', ''), privateKey: map.file('private-key', '') };
}

/** The server's present key is a file, or a program's; that one does not decrypt. */
function readOwnIdentity(parameters: MapReader, problems: ProblemList): IdentityFiles {
  const name = 'private-key-command';
  if (!parameters.has(name)) {
    return readIdentity(parameters);
  }
  parameters.require('certificate', 'the PEM file with the certificate and the intermediates behind it');
  for (const other of ['private-key', 'draft-literal']) {
    if (parameters.has(other) && parameters.value(other) !== false) {
      problems.add(
        'conflict',
        parameters.at(name),
        `does not go with "${other}": a program signs, and decrypts nothing`,
      );
    }
  }
  const [program = '', ...args] = parameters.command(name);
  return {
    certificate: parameters.file('certificate', ''),
    privateKey: '',
    privateKeyCommand: [program, ...args],
  };
}

/** docs/protocol.md 4.4: X25519 is mandatory. */
function readEncryptionKeys(parameters: MapReader, problems: ProblemList): Settings['encryptionKeys'] {
  const map = parameters.section('encryption-keys', ['kems', 'lifetime']);
  const names = kems.map(({ name }) => name);
  const wanted = map.choices('kems', names, ['x25519']);
  if (!wanted.includes('x25519')) {
    problems.refuse('conflict', map.at('kems'), wanted, 'a list with "x25519", which every client knows');
  }
  return {
    kems: wanted,
    lifetime: map.number('lifetime', { minimum: 3600, maximum: year, integer: true, unit: 'seconds' }, day),
  };
}

function readContexts(parameters: MapReader): number {
  const map = parameters.section('contexts', ['max']);
  return map.number('max', { minimum: 16, maximum: 10_000_000, integer: true, unit: 'contexts' }, 65_536);
}

function readTimestamp(parameters: MapReader): Settings['timestamp'] {
  const map = parameters.section('timestamp', ['delta', 'fuzz', 'drift']);
  return {
    delta: map.number('delta', { minimum: 0, above: true, maximum: day, unit: 'seconds' }, 300),
    fuzz: map.number('fuzz', { minimum: 0, maximum: 3600, unit: 'seconds' }, 1),
    drift: map.number('drift', { minimum: 0, maximum: 0.5 }, 0.01),
  };
}

function readKeyTable(parameters: MapReader): Settings['keyTable'] {
  const map = parameters.section('key-table', ['max-entries', 'lifetime']);
  const entries = { minimum: 1, maximum: 10_000_000, integer: true, unit: 'keys' };
  const lifetime = { minimum: 1, maximum: 10 * year, integer: true, unit: 'seconds' };
  return {
    maxEntries: map.number('max-entries', entries, 100_000),
    lifetime: map.number('lifetime', lifetime, 7 * day),
  };
}

/** A record keeps its key's messages from being accepted again: it has to outlive them. */
function checkLifetime(settings: Settings, parameters: MapReader, problems: ProblemList): void {
  const { lifetime } = settings.keyTable;
  const shortest = Math.ceil(2 * settings.timestamp.delta);
  if (lifetime < shortest) {
    problems.refuse(
      'conflict',
      [...parameters.at('key-table'), 'lifetime'],
      lifetime,
      `at least twice "timestamp.delta", ${shortest} seconds: a record must outlive the messages that it keeps from being accepted again`,
    );
  }
}

function readBlocklist(parameters: MapReader): Settings['blocklist'] {
  const map = parameters.section('blocklist', ['count', 'window', 'duration']);
  const seconds = { minimum: 1, maximum: 7 * day, integer: true, unit: 'seconds' };
  return {
    count: map.number('count', { minimum: 0, maximum: 1000, integer: true, unit: 'failures' }, 10),
    window: map.number('window', seconds, 60),
    duration: map.number('duration', seconds, 120),
  };
}

const isTooLong = (socket: string): boolean => Buffer.byteLength(socket) > MAX_SOCKET_PATH_LENGTH;

function readMetrics(parameters: MapReader, problems: ProblemList): MetricsEndpoint | undefined {
  if (!parameters.has('metrics')) {
    return undefined;
  }
  const map = parameters.section('metrics', ['socket', 'port']);
  if (map.has('socket') === map.has('port')) {
    problems.refuse(
      'conflict',
      map.path,
      parameters.value('metrics'),
      'a map with either "socket", the path of a Unix socket, or "port", a port of the loopback addresses',
    );
    return undefined;
  }
  if (map.has('port')) {
    return { port: map.number('port', { minimum: 1, maximum: 65_535, integer: true }, 1) };
  }
  const socket = map.file('socket', '');
  if (isTooLong(socket)) {
    problems.refuse(
      'out-of-range',
      map.at('socket'),
      socket,
      `a path of at most ${MAX_SOCKET_PATH_LENGTH} octets`,
    );
  }
  return { socket };
}

function readEngine(parameters: MapReader, problems: ProblemList): EngineSettings {
  const map = parameters.section('engine', ['spawn', 'node', 'workers', 'timeout', 'socket']);
  const named = map.has('socket');
  const spawn = map.flag('spawn', !named);
  if (spawn && named) {
    problems.refuse(
      'conflict',
      map.at('spawn'),
      true,
      'false, where "socket" names an engine that is already running',
    );
  }
  const socket = map.file('socket', defaultSocket);
  if (!spawn && isTooLong(socket)) {
    problems.refuse(
      'out-of-range',
      map.at('socket'),
      socket,
      `a path of at most ${MAX_SOCKET_PATH_LENGTH} octets`,
    );
  }
  return {
    spawn,
    node: map.text('node', 'node', 'a path of Node.js, or a name that is looked up in PATH'),
    workers: map.number('workers', { minimum: 0, maximum: 256, integer: true, unit: 'worker threads' }, 0),
    timeout: map.number('timeout', { minimum: 1, maximum: 60_000, integer: true, unit: 'milliseconds' }, 500),
    socket: spawn ? undefined : socket,
  };
}
