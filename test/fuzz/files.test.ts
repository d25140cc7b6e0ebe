// SPDX-License-Identifier: MPL-2.0

import { writeFileSync } from 'node:fs';
import { ClientError, readLeaseFile, readRunRecord, ServerPins, writeLeaseFile } from '../../src/client';
import { KeaConfigError, parseKeaConfig } from '../../src/engine/kea-config';
import { parseSettings } from '../../src/engine/settings';
import { SettingsError } from '../../src/engine/settings/errors';
import { TestDirectory } from '../support/test-directory';
import { corpus, fuzz, refusing } from './support/fuzz';
import { mutateOctets } from './support/mutate';
import type { Random } from './support/random';

const directory = TestDirectory.forAllTests();
const seeds = corpus('files');

const isClients = (error: unknown): boolean => error instanceof ClientError;

/** A file of the client as it was, or changed. */
function written(random: Random): string {
  const file = directory.file('fuzzed.json');
  writeFileSync(file, mutateOctets(random, random.pick(seeds), seeds));
  return file;
}

test('files of the client are read, or refused with their name', async () => {
  await fuzz({
    name: 'files of the client',
    count: 500,
    run: (random) => {
      const file = written(random);
      const lease = refusing(isClients, () => readLeaseFile(file));
      if (lease !== undefined) {
        writeLeaseFile(file, lease);
        expect(readLeaseFile(file)).toEqual(lease);
      }
      const pins = refusing(isClients, () => ServerPins.open(file));
      for (const [duid, key] of pins?.entries ?? []) {
        expect([duid, key].join()).toMatch(/^[0-9a-f]{6,260},[0-9a-f]{64}$/);
      }
      refusing(isClients, () => readRunRecord(file));
    },
  });
});

test('the configuration of Kea, and the settings in it, are read, or refused with the place', async () => {
  await fuzz({
    name: 'settings',
    count: 1500,
    run: (random) => {
      const text = mutateOctets(random, random.pick(seeds), seeds).toString();
      const config = refusing(
        (error) => error instanceof KeaConfigError,
        () => parseKeaConfig('kea.conf', (name) => (name === 'kea.conf' ? text : '{}')),
      );
      refusing(
        (error) => error instanceof SettingsError,
        () => parseSettings(config?.value ?? {}),
      );
      const json: unknown = refusing(
        (error) => error instanceof SyntaxError,
        (): unknown => JSON.parse(text),
      );
      refusing(
        (error) => error instanceof SettingsError,
        () => parseSettings(json ?? {}),
      );
    },
  });
});

test('the corpus has a file of each kind that is read as it is', () => {
  const read = seeds.map((octets) => {
    const file = directory.file('seed.json');
    writeFileSync(file, octets);
    return [
      refusing(isClients, () => readLeaseFile(file)) !== undefined,
      refusing(isClients, () => ServerPins.open(file)) !== undefined,
    ].join();
  });
  expect(new Set(read).size).toBeGreaterThanOrEqual(3);
});
