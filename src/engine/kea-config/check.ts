// SPDX-License-Identifier: MPL-2.0

import {
  checkFiles,
  checkSettings,
  type CredentialReader,
  type Mode,
  modes,
  pathText,
  type SettingPath,
  type SettingsProblem,
} from '../settings';
import { type FilePosition, KeaConfigError } from './errors';
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
  readonly credentials: CredentialReader;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const library = 'libdhcp_encryption.so';

/** Checks all that concerns the hook in a whole kea-dhcp6.conf. @returns no problem where all is well */
export function checkKeaConfig(file: string, options: ConfigCheckOptions): readonly ConfigProblem[] {
  let config: KeaConfig;
  try {
    config = parseKeaConfig(file, options.readFile);
  } catch (error) {
    if (error instanceof KeaConfigError) {
      return [{ position: error.position, setting: '', text: error.message }];
    }
    throw error;
  }
  const problems = [...hookProblems(config, options), ...modeProblems(config)];
  return problems.map(({ path, text }) => ({
    position: config.positionOf(path),
    setting: pathText(path),
    text,
  }));
}

type Problem = Pick<SettingsProblem, 'path' | 'text'>;

function hookProblems(config: KeaConfig, options: ConfigCheckOptions): readonly Problem[] {
  const listPath = ['Dhcp6', 'hooks-libraries'];
  const hooks = listAt(config.value, listPath)
    .map((hook, at) => ({ hook, path: [...listPath, at] }))
    .filter(({ hook }) => String(member(hook, 'library')).split('/').at(-1) === library);
  const [first, second] = hooks;
  if (first === undefined) {
    return [{ path: listPath, text: `${library} is not among the hooks-libraries` }];
  }
  if (second !== undefined) {
    return [{ path: second.path, text: `${library} is loaded twice` }];
  }
  const path = [...first.path, 'parameters'];
  const checked = checkSettings(member(first.hook, 'parameters') ?? {}, path);
  if (checked.settings === undefined) {
    return checked.problems;
  }
  return checkFiles(checked.settings, options.now, options.credentials, path).problems;
}

/** The modes that subnets and shared networks name in their user-contexts. */
function modeProblems(config: KeaConfig): readonly Problem[] {
  const subnetsOf = (path: SettingPath): SettingPath[] =>
    listAt(config.value, [...path, 'subnet6']).map((_, at) => [...path, 'subnet6', at]);
  const networkPath = ['Dhcp6', 'shared-networks'];
  const networks = listAt(config.value, networkPath).map((_, at) => [...networkPath, at]);
  const places = [...subnetsOf(['Dhcp6']), ...networks, ...networks.flatMap(subnetsOf)];
  return places.flatMap((place) => {
    const path = [...place, 'user-context', 'encryption'];
    const encryption = valueAt(config.value, path);
    return encryption === undefined ? [] : encryptionProblems(encryption, path);
  });
}

function encryptionProblems(encryption: unknown, path: SettingPath): readonly Problem[] {
  const wanted = modes.map((mode) => JSON.stringify(mode)).join(', ');
  const mode = member(encryption, 'mode');
  if (!isMode(mode)) {
    const found = mode === undefined ? 'no mode' : JSON.stringify(mode);
    return [{ path: [...path, 'mode'], text: `${found} is not one of ${wanted}` }];
  }
  return Object.keys(typeof encryption === 'object' && encryption !== null ? encryption : {})
    .filter((name) => name !== 'mode')
    .map((name) => ({ path: [...path, name], text: 'no setting of this name: there is "mode" only' }));
}

function isMode(value: unknown): value is Mode {
  return modes.some((mode) => mode === value);
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
