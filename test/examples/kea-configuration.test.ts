// SPDX-License-Identifier: MPL-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseKeaConfig } from '../../src/engine/kea-config';
import { parseSettings } from '../../src/engine/settings';

const FILE = join(__dirname, '../../examples/kea-dhcp6.conf');

interface Configuration {
  readonly Dhcp6: {
    readonly 'hooks-libraries': readonly { readonly parameters: Readonly<Record<string, unknown>> }[];
  };
}

function exampleParameters(): Readonly<Record<string, unknown>> {
  const { value } = parseKeaConfig(FILE, (file) => readFileSync(file, 'utf8'));
  return (value as Configuration).Dhcp6['hooks-libraries'][0]!.parameters;
}

describe('examples/kea-dhcp6.conf', () => {
  it('shows every setting with its default', () => {
    const parameters = exampleParameters();
    const required = ['certificate', 'private-key', 'trust-anchors'];
    const least = Object.fromEntries(required.map((name) => [name, parameters[name]]));
    expect(parseSettings(parameters)).toEqual(parseSettings(least));
  });

  it('leaves no setting out', () => {
    // The parser takes no name that it does not know, so a complete file has as many names as the settings have.
    expect(Object.keys(exampleParameters()).sort()).toEqual([
      'blocklist',
      'certificate',
      'contexts',
      'crls',
      'draft-literal',
      'encryption-keys',
      'engine',
      'host-identifier',
      'intermediates',
      'key-table',
      'message-types',
      'mode',
      'option-codes',
      'previous-keys',
      'private-key',
      'report-failures',
      'solution',
      'state-directory',
      'status-codes',
      'timestamp',
      'trust-anchors',
    ]);
  });
});
