// SPDX-License-Identifier: MPL-2.0

/** Where a value stands in a JSON document: names of maps, positions in lists. */
export type SettingPath = readonly (string | number)[];

/** As a person writes it: `parameters.previous-keys[0].certificate`. */
export function pathText(path: SettingPath): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? plain(step) : `.${plain(step)}`))
    .join('');
}

function plain(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}
