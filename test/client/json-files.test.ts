// SPDX-License-Identifier: MPL-2.0

import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { ClientError, readLeaseFile, readRunRecord, ServerPins } from '../../src/client';
import { TestDirectory } from '../support/test-directory';

const times = { preferredLifetime: 1800, validLifetime: 3600 };
const files = {
  lease: {
    encrypted: true,
    clientIdentifier: '00030001020304050607',
    serverIdentifier: '00030001020304050608',
    serverName: 'CN=dhcp.example.net',
    serverKey: '3059',
    obtained: 1_700_000_000_000,
    addresses: [{ iaid: 7, t1: 900, t2: 1440, items: [{ address: '2001:db8::1', ...times }] }],
    prefixes: [{ iaid: 7, t1: 900, t2: 1440, items: [{ prefix: '2001:db8:1::/56', ...times }] }],
    configuration: {
      dnsServers: ['2001:db8::53'],
      domainSearch: ['example.net.'],
      informationRefreshTime: 86_400,
      fqdn: 'host.example.net.',
      timeServers: { addresses: ['2001:db8::123'], multicastAddresses: ['ff05::101'], names: ['ntp.test.'] },
      options: { 24: '00' },
    },
  },
  record: {
    interface: 'eth0',
    process: { pid: 7, startTime: 8, bootId: 'boot', pidNamespace: 'pid:[1]' },
    started: 1,
    state: 'bound',
    since: 2,
    problem: { time: 3, code: 'no-answer', message: 'nobody' },
  },
  pins: { '0003000101': '00'.repeat(32), '0003000102': 'ff'.repeat(32) },
} as const;
type Kind = keyof typeof files;
type Path = readonly (string | number)[];

const directory = TestDirectory.forAllTests();
const readers: Record<Kind, (file: string) => unknown> = {
  lease: readLeaseFile,
  record: readRunRecord,
  pins: (file) => ServerPins.open(file),
};

function read(kind: Kind, json: unknown): unknown {
  const file = directory.file(kind);
  writeFileSync(file, JSON.stringify(json));
  return readers[kind](file);
}

function pathsIn(value: unknown): Path[] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const steps = below.flatMap(([name, inner]) =>
    pathsIn(inner).map((path) => [Array.isArray(value) ? Number(name) : name, ...path]),
  );
  return [[], ...steps];
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) {
    return by;
  }
  const inner = replaced((value as Record<string | number, unknown>)[step], rest, by);
  return Array.isArray(value)
    ? value.map((item: unknown, at) => (at === step ? inner : item))
    : { ...(value as object), [step]: inner };
}

const named = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);

const places = (Object.keys(files) as Kind[]).flatMap((kind) =>
  pathsIn(files[kind]).map((path) => ({ kind, path })),
);

it.each(Object.keys(files) as Kind[])('a %s file of the right types is read', (kind) => {
  read(kind, files[kind]);
});

it('a value of another type, wherever it stands, is named and shown, with what is expected', () => {
  for (const { kind, path } of places.filter((place) => place.path.length > 0)) {
    // No member may be null or such a map, of which no text can be made either.
    for (const [wrong, shown] of [
      [null, 'null'],
      [{ toString: 1, valueOf: 2 }, '{"toString":1,"valueOf":2}'],
    ] as const) {
      const isMap = typeof wrong === 'object' && wrong !== null;
      const act = (): unknown => read(kind, replaced(files[kind], path, wrong));
      expect(act).toThrow(
        expect.objectContaining({ message: expect.stringContaining(directory.file(kind)) }),
      );
      expect(act).toThrow(/ is expected$/);
      // Of a map that should be there, another one lacks what is asked for first.
      const isOtherMap = isMap && typeof valueAt(files[kind], path) === 'object';
      expect(act).toThrow(isOtherMap ? named(path).split('[')[0] : `${named(path)} is ${shown}`);
    }
  }
});

it('any JSON in any place is read, or refused as the file that it is', () => {
  const json = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('toString', 'valueOf', '__proto__', 'length'), fc.jsonValue()),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places), json, ({ kind, path }, value) => {
      try {
        read(kind, replaced(files[kind], path, value));
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
        expect((error as ClientError).code).toBe(kind === 'pins' ? 'pins-file' : 'lease-file');
        expect((error as ClientError).message).toContain(directory.file(kind));
      }
    }),
    { numRuns: 500 },
  );
});

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce((inner, step) => (inner as Record<string | number, unknown>)[step], value);
}
