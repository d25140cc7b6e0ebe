// SPDX-License-Identifier: MPL-2.0

import { statSync } from 'node:fs';
import { hostIdentifierKinds } from '../clients/host-identifier';
import { directoryExposure } from '../key-table';
import {
  checkFiles,
  checkSettings,
  combineParameters,
  type CredentialReader,
  flexIdProblems,
  pathText,
  type SettingPath,
  type SettingsProblem,
  userContextProblems,
  valueText,
} from '../settings';
import { type FilePosition, KeaConfigError } from './errors';
import { parseEngineFile } from './engine-file';
import { type KeaConfig, parseKeaConfig } from './parser';
import type { FileReader } from './tokens';

/** One thing that is wrong in a configuration, and where. */
export interface ConfigProblem {
  readonly position: FilePosition;
  /** The setting: `Dhcp6.hooks-libraries[0].parameters.mode`; empty where the file as a whole is wrong. */
  readonly setting: string;
  readonly text: string;
}

export interface ConfigCheckOptions {
  readonly readFile: FileReader;
  /** The settings of an engine that the hook does not start, and how they are read. */
  readonly engineFile: string;
  readonly readEngineFile: FileReader;
  readonly credentials: CredentialReader;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const library = 'libdhcp_encryption.so';

/**
 * Checks all that concerns the hook in a whole kea-dhcp6.conf and, where the hook connects to an engine, that one's
 * settings beside it.
 * @returns no problem where all is well
 */
export function checkKeaConfig(file: string, options: ConfigCheckOptions): readonly ConfigProblem[] {
  try {
    const config = parseKeaConfig(file, options.readFile);
    const problems = [...hookProblems(config, options), ...modeProblems(config)];
    return problems.map(({ path, text, of = config }) => ({
      position: of.positionOf(path),
      setting: pathText(path),
      text,
    }));
  } catch (error) {
    if (error instanceof KeaConfigError) {
      return [{ position: error.position, setting: '', text: error.message }];
    }
    throw error;
  }
}

type Problem = Pick<SettingsProblem, 'path' | 'text'> & {
  /** Whose path it is, if not that of Kea's configuration. */
  readonly of?: KeaConfig;
};

function hookProblems(config: KeaConfig, options: ConfigCheckOptions): readonly Problem[] {
  if (member(config.value, 'Dhcp6') === undefined) {
    return [{ path: ['Dhcp6'], text: 'is missing: this is no configuration of kea-dhcp6' }];
  }
  const listPath = ['Dhcp6', 'hooks-libraries'];
  const all = listAt(config.value, listPath).map((hook, at) => ({
    hook,
    path: [...listPath, at],
    name: member(hook, 'library'),
  }));
  const unnamed = all.flatMap(({ name, path }): Problem[] =>
    typeof name === 'string'
      ? []
      : [{ path: [...path, 'library'], text: `${valueText(name)} is not the path of a hook library` }],
  );
  const hooks = all.filter(({ name }) => typeof name === 'string' && name.split('/').at(-1) === library);
  const [first, ...others] = hooks;
  if (first === undefined) {
    return [...unnamed, { path: listPath, text: `${library} is not among the hooks-libraries` }];
  }
  return [
    ...unnamed,
    ...parameterProblems(first.hook, [...first.path, 'parameters'], options),
    ...identifierProblems(config, first.hook, [...first.path, 'parameters']),
    ...others.map(({ path }) => ({ path, text: `${library} is loaded twice` })),
  ];
}

function parameterProblems(
  hook: unknown,
  path: SettingPath,
  options: ConfigCheckOptions,
): readonly Problem[] {
  const parameters = member(hook, 'parameters') ?? {};
  if (connects(parameters)) {
    return sharedProblems(parameters, path, options);
  }
  const { settings, problems } = checkSettings(parameters, path);
  return settings === undefined
    ? problems
    : [
        ...checkFiles(settings, options.now, options.credentials, path).problems,
        ...stateDirectoryProblems(settings.stateDirectory, [...path, 'state-directory']),
      ];
}

/** Whether the hook connects to an engine, as it sees that itself (native/hook/kea/configuration.cc). */
function connects(parameters: unknown): boolean {
  const engine = member(parameters, 'engine');
  const spawn = member(engine, 'spawn');
  return typeof spawn === 'boolean' ? !spawn : member(engine, 'socket') !== undefined;
}

/** What is wrong in the engine's own file, and in what both files say. */
function sharedProblems(
  parameters: unknown,
  path: SettingPath,
  options: ConfigCheckOptions,
): readonly Problem[] {
  const { config: of, policy } = parseEngineFile(options.engineFile, options.readEngineFile);
  const inFile = (problems: readonly Problem[]): Problem[] => problems.map((problem) => ({ ...problem, of }));
  const own = checkSettings(policy.parameters, []).problems;
  const combined = combineParameters(policy, parameters, path);
  const { settings, problems } = checkSettings(combined.parameters, path);
  if (own.length > 0) {
    return [...inFile(own), ...combined.problems];
  }
  const files =
    settings === undefined
      ? []
      : [
          ...checkFiles(settings, options.now, options.credentials, []).problems,
          ...stateDirectoryProblems(settings.stateDirectory, ['state-directory']),
        ];
  return [...inFile(files), ...combined.problems, ...problems];
}

/** As the engine takes it at its start, but for the owner: nobody here knows which user it will run as. */
function stateDirectoryProblems(directory: string, path: SettingPath): readonly Problem[] {
  const exposure = directoryExposure(modeOf(directory) ?? 0);
  return exposure === undefined
    ? []
    : [{ path, text: `${valueText(directory)} cannot be used: ${exposure}` }];
}

/** The mode of a directory; undefined where there is none, or it cannot be reached, which checkFiles tells. */
function modeOf(directory: string): number | undefined {
  try {
    const stats = statSync(directory);
    return stats.isDirectory() ? stats.mode : undefined;
  } catch {
    return undefined;
  }
}

/** As the engine takes them at its start, of which Kea tells only those in force. */
function identifierProblems(config: KeaConfig, hook: unknown, path: SettingPath): readonly Problem[] {
  const named = member(member(hook, 'parameters'), 'host-identifier');
  const kind = hostIdentifierKinds.find((one) => one === named) ?? 'none';
  const identifiers = listAt(config.value, ['Dhcp6', 'host-reservation-identifiers']);
  return flexIdProblems(kind, identifiers.includes('flex-id'), path);
}

/** The modes that subnets and shared networks name in their user-contexts. */
function modeProblems(config: KeaConfig): readonly Problem[] {
  const subnetsOf = (path: SettingPath): SettingPath[] =>
    listAt(config.value, [...path, 'subnet6']).map((_, at) => [...path, 'subnet6', at]);
  const networkPath = ['Dhcp6', 'shared-networks'];
  const networks = listAt(config.value, networkPath).map((_, at) => [...networkPath, at]);
  const places = [...subnetsOf(['Dhcp6']), ...networks, ...networks.flatMap(subnetsOf)];
  return places.flatMap((place) => {
    const path = [...place, 'user-context'];
    return userContextProblems(valueAt(config.value, path), path);
  });
}

function member(value: unknown, name: string | number): unknown {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function valueAt(value: unknown, path: SettingPath): unknown {
  return path.reduce<unknown>((inner, step) => member(inner, step), value);
}

function listAt(value: unknown, path: SettingPath): readonly unknown[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}
