// SPDX-License-Identifier: MPL-2.0
import * as fc from 'fast-check';
import {
  checkSettings,
  flexIdProblems,
  parseSettings,
  pathText,
  problemText,
  SettingsError,
  userContextProblems,
} from '../../../src/engine/settings';
import { defaultCodePoints } from '../../../src/protocol/code-points';
import { thrownBy } from '../../support/thrown-by';

type Json = Record<string, unknown>;

const required = {
  certificate: '/etc/kea/server.pem',
  'private-key': '/etc/kea/server.key',
  'trust-anchors': ['/etc/kea/ca.pem'],
};

function refusal(parameters: unknown): string[] {
  const { settings, problems } = checkSettings(parameters);
  expect(settings).toBeUndefined();
  return problems.map(problemText);
}

function refusalOf(more: Json): string[] {
  return refusal({ ...required, ...more });
}

describe('parameters', () => {
  test('the defaults', () => {
    expect(parseSettings(required)).toEqual({
      solution: 'A',
      mode: 'optional',
      identity: { certificate: '/etc/kea/server.pem', privateKey: '/etc/kea/server.key' },
      previousKeys: [],
      trustAnchors: ['/etc/kea/ca.pem'],
      intermediates: [],
      crls: [],
      encryptionKeys: { kems: ['x25519'], lifetime: 86_400 },
      maxContexts: 65_536,
      draftLiteral: false,
      reportFailures: true,
      timestamp: { delta: 300, fuzz: 1, drift: 0.01 },
      keyTable: { maxEntries: 100_000, lifetime: 604_800 },
      blocklist: { count: 10, window: 60, duration: 120 },
      hostIdentifier: 'none',
      stateDirectory: '/var/lib/kea/encryption',
      engine: { spawn: true, node: 'node', workers: 0, timeout: 500, socket: undefined },
      codePoints: defaultCodePoints,
    });
  });

  test('every setting with another value', () => {
    const settings = parseSettings({
      solution: 'B',
      mode: 'authenticated',
      certificate: '/c',
      'private-key': '/k',
      'previous-keys': [{ certificate: '/c1', 'private-key': '/k1' }],
      'trust-anchors': ['/a1', '/a2'],
      intermediates: ['/i'],
      crls: ['/r'],
      'encryption-keys': { kems: ['p-256', 'x25519', 'x-wing'], lifetime: 3600 },
      contexts: { max: 16 },
      'draft-literal': true,
      'report-failures': false,
      timestamp: { delta: 60.5, fuzz: 0, drift: 0 },
      'key-table': { 'max-entries': 1, lifetime: 121 },
      blocklist: { count: 0, window: 1, duration: 2 },
      'host-identifier': 'san-dns',
      'state-directory': '/state',
      engine: { spawn: false, node: '/usr/bin/node', workers: 3, timeout: 60_000, socket: '/run/e.sock' },
      'message-types': { 'encrypted-query': 200 },
      'option-codes': { 'key-identifier': 65_000 },
      'status-codes': { 'timestamp-fail': 23 },
    });
    expect(settings).toMatchObject({
      solution: 'B',
      mode: 'authenticated',
      identity: { certificate: '/c', privateKey: '/k' },
      previousKeys: [{ certificate: '/c1', privateKey: '/k1' }],
      trustAnchors: ['/a1', '/a2'],
      intermediates: ['/i'],
      crls: ['/r'],
      encryptionKeys: { kems: ['p-256', 'x25519', 'x-wing'], lifetime: 3600 },
      maxContexts: 16,
      draftLiteral: true,
      reportFailures: false,
      timestamp: { delta: 60.5, fuzz: 0, drift: 0 },
      keyTable: { maxEntries: 1, lifetime: 121 },
      blocklist: { count: 0, window: 1, duration: 2 },
      hostIdentifier: 'san-dns',
      stateDirectory: '/state',
      engine: { spawn: false, node: '/usr/bin/node', workers: 3, timeout: 60_000, socket: '/run/e.sock' },
    });
    expect(settings.codePoints.messageTypes['encrypted-query']).toBe(200);
    expect(settings.codePoints.optionCodes['key-identifier']).toBe(65_000);
    expect(settings.codePoints.statusCodes['timestamp-fail']).toBe(23);
    expect(settings.codePoints.optionCodes.signature).toBe(703);
  });

  test('an engine of its own listens where its unit does where no socket is named', () => {
    expect(parseSettings({ ...required, engine: { spawn: false } }).engine.socket).toBe(
      '/run/kea-encryption/engine.sock',
    );
    expect(parseSettings({ ...required, engine: { socket: '/run/e.sock' } }).engine).toMatchObject({
      spawn: false,
      socket: '/run/e.sock',
    });
  });
});

describe('refusals name the setting, its value and what would be right', () => {
  test.each<[Json, string]>([
    [
      { timestamp: { delta: -3 } },
      'parameters.timestamp.delta: -3 is not a number of seconds greater than 0 and at most 86400',
    ],
    [
      { timestamp: { fuzz: '1' } },
      'parameters.timestamp.fuzz: "1" is not a number of seconds from 0 to 3600',
    ],
    [{ timestamp: { drift: 1 } }, 'parameters.timestamp.drift: 1 is not a number from 0 to 0.5'],
    [{ timestamp: [300] }, 'parameters.timestamp: [300] is not a map'],
    [{ solution: 'C' }, 'parameters.solution: "C" is not "A" or "B"'],
    [{ mode: null }, 'parameters.mode: null is not "off", "optional", "encrypted" or "authenticated"'],
    [{ certificate: '' }, 'parameters.certificate: "" is not an absolute path'],
    [{ crls: '/r' }, 'parameters.crls: "/r" is not a list'],
    [{ 'trust-anchors': ['/a', 'ca.pem'] }, 'parameters.trust-anchors[1]: "ca.pem" is not an absolute path'],
    [{ 'trust-anchors': [] }, 'parameters.trust-anchors: [] is not a list with at least one file'],
    [
      { 'previous-keys': [{ certificate: '/c' }] },
      "parameters.previous-keys[0].private-key: is missing and has no default: it must be the PEM file with the certificate's private key",
    ],
    [
      { 'encryption-keys': { kems: ['p-256'] } },
      'parameters.encryption-keys.kems: ["p-256"] is not a list with "x25519", which every client knows',
    ],
    ...[['x25519', 'rsa'], ['p-256', 'rsa'], ['x25519', 'x25519'], []].map((kems): [Json, string] => [
      { 'encryption-keys': { kems } },
      `parameters.encryption-keys.kems: ${JSON.stringify(kems)} is not a list of "x25519", "p-256", "p-384" or "x-wing"`,
    ]),
    [
      { 'encryption-keys': { lifetime: 3599 } },
      'parameters.encryption-keys.lifetime: 3599 is not a whole number of seconds from 3600 to 31622400',
    ],
    [
      { contexts: { max: 15 } },
      'parameters.contexts.max: 15 is not a whole number of contexts from 16 to 10000000',
    ],
    [{ contexts: 16 }, 'parameters.contexts: 16 is not a map'],
    [{ 'draft-literal': 'yes' }, 'parameters.draft-literal: "yes" is not true or false'],
    [{ 'report-failures': 1 }, 'parameters.report-failures: 1 is not true or false'],
    [
      { 'key-table': { 'max-entries': 0 } },
      'parameters.key-table.max-entries: 0 is not a whole number of keys from 1 to 10000000',
    ],
    [
      { 'key-table': { lifetime: 100 } },
      'parameters.key-table.lifetime: 100 is not at least twice "timestamp.delta", 600 seconds: a record must outlive the messages that it keeps from being accepted again',
    ],
    [
      { blocklist: { count: 1.5 } },
      'parameters.blocklist.count: 1.5 is not a whole number of failures from 0 to 1000',
    ],
    [
      { engine: { timeout: 60_001 } },
      'parameters.engine.timeout: 60001 is not a whole number of milliseconds from 1 to 60000',
    ],
    [
      { engine: { workers: 2n ** 60n } },
      'parameters.engine.workers: 1152921504606846976 is not a whole number of worker threads from 0 to 256',
    ],
    [
      { engine: { spawn: true, socket: '/run/e.sock' } },
      'parameters.engine.spawn: true is not false, where "socket" names an engine that is already running',
    ],
    [
      { engine: { node: 5 } },
      'parameters.engine.node: 5 is not a path of Node.js, or a name that is looked up in PATH',
    ],
    [
      { metrics: {} },
      'parameters.metrics: {} is not a map with either "socket", the path of a Unix socket, or "port", a port of the loopback addresses',
    ],
    [
      { metrics: { socket: '/run/m.sock', port: 9547 } },
      expect.stringMatching(/^parameters\.metrics: .* is not a map with either "socket", .* or "port"/),
    ],
    [{ metrics: { port: 0 } }, 'parameters.metrics.port: 0 is not an integer from 1 to 65535'],
    [{ metrics: { socket: 'm.sock' } }, 'parameters.metrics.socket: "m.sock" is not an absolute path'],
    [
      { metrics: { socket: `/${'m'.repeat(107)}` } },
      expect.stringMatching(/^parameters\.metrics\.socket: .* is not a path of at most 107 octets$/),
    ],
    [
      { 'message-types': { 'encrypted-query': 11 } },
      'parameters.message-types.encrypted-query: 11 is not a message type from 38 to 255 (numbers below 38 are assigned to others)',
    ],
    [
      { 'message-types': { 'encrypted-query': 256 } },
      'parameters.message-types.encrypted-query: 256 is not a message type from 38 to 255 (numbers below 38 are assigned to others)',
    ],
    [
      { 'option-codes': { certificate: '702' } },
      'parameters.option-codes.certificate: "702" is not an option code from 149 to 65535 (numbers below 149 are assigned to others)',
    ],
    [
      { 'option-codes': { 'public-key': 703 } },
      'parameters.option-codes.public-key: 703 is an option code that "signature" has already: each needs its own',
    ],
    [
      { 'status-codes': { 'signature-fail': 705 } },
      'parameters.status-codes.signature-fail: 705 is a status code that "algorithm-not-supported" has already: each needs its own',
    ],
    [{ sloution: 'A' }, 'parameters.sloution: is not a known setting: did you mean "solution"?'],
    [{ private_key: '/k' }, 'parameters.private_key: is not a known setting: did you mean "private-key"?'],
    [{ CRLs: [] }, 'parameters.CRLs: is not a known setting: did you mean "crls"?'],
    [
      { timestamp: { dleta: 3 } },
      'parameters.timestamp.dleta: is not a known setting: did you mean "delta"?',
    ],
    [
      { blocklist: { colour: 1 } },
      'parameters.blocklist.colour: is not a known setting: known here are count, window, duration',
    ],
    [
      { 'a b': 1 },
      expect.stringMatching(/^parameters\."a b": is not a known setting: known here are solution, mode, /),
    ],
  ])('%j', (more, text) => {
    expect(refusalOf(more)).toEqual([text]);
  });

  test.each([[undefined], [null], [[]], ['x'], [7]])('parameters that are %j', (parameters) => {
    expect(refusal(parameters)[0]).toMatch(/^parameters: .* is not a map$/);
  });

  test('what is required', () => {
    expect(refusal({})).toEqual([
      expect.stringMatching(/^parameters\.trust-anchors: is missing/),
      expect.stringMatching(/^parameters\.certificate: is missing/),
      expect.stringMatching(/^parameters\.private-key: is missing/),
    ]);
  });

  test('a program that signs, beside a key or for a server that has to decrypt', () => {
    const program = 'private-key-command';
    const { 'private-key': _, ...others } = required;
    const command = ['/usr/bin/sign', 'slot 1'];
    expect(parseSettings({ ...others, [program]: command, 'draft-literal': false }).identity).toEqual({
      certificate: required.certificate,
      privateKey: '',
      privateKeyCommand: command,
    });
    expect(refusalOf({ [program]: command })).toEqual([
      expect.stringMatching(/^parameters\.private-key-command: does not go with "private-key"/),
    ]);
    const refusedAlone = (changes: object): readonly string[] =>
      checkSettings({ ...others, [program]: command, ...changes }).problems.map(problemText);
    expect(refusedAlone({ 'draft-literal': true })).toEqual([
      expect.stringMatching(/does not go with "draft-literal": a program signs, and decrypts nothing$/),
    ]);
    expect(refusedAlone({ [program]: [] })).toEqual([
      expect.stringContaining('is not a list with a program'),
    ]);
    expect(refusedAlone({ [program]: 'sign' })).not.toEqual([]);
    expect(refusedAlone({ [program]: ['sign'] })).toEqual([
      'parameters.private-key-command[0]: "sign" is not an absolute path',
    ]);
    expect(refusedAlone({ [program]: ['/usr/bin/sign', 5] })).toEqual([
      'parameters.private-key-command[1]: 5 is not an argument',
    ]);
  });

  test('a path to a socket that does not fit into its address', () => {
    const socket = `/${'s'.repeat(107)}`;
    expect(refusalOf({ engine: { socket } })).toEqual([expect.stringMatching(/at most 107 octets$/)]);
    expect(
      parseSettings({ ...required, engine: { socket: socket.slice(0, 107) } }).engine.socket,
    ).toHaveLength(107);
  });

  test('all of them at once, and the first as an error', () => {
    const parameters = { ...required, mode: 'on', solution: 'X', timestamp: { delta: 0, drift: -1 } };
    expect(refusal(parameters)).toHaveLength(4);
    const error = thrownBy(() => parseSettings(parameters));
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).toMatchObject({
      code: 'out-of-range',
      path: ['parameters', 'solution'],
      message: 'parameters.solution: "X" is not "A" or "B"',
    });
  });

  test('a long value is cut', () => {
    expect(refusalOf({ mode: 'x'.repeat(5000) })[0]!.length).toBeLessThan(200);
  });

  test('names of Object.prototype are names like others', () => {
    const parameters: unknown = JSON.parse(
      '{"certificate":"/c","private-key":"/k","trust-anchors":["/a"],"__proto__":{"mode":"off"},"constructor":1}',
    );
    expect(refusal(parameters)).toHaveLength(2);
  });

  test('any JSON is settings or problems', () => {
    const names = fc.constantFrom(
      ...['solution', 'mode', 'certificate', 'private-key', 'previous-keys', 'trust-anchors', 'crls'],
      ...['timestamp', 'key-table', 'blocklist', 'engine', 'message-types', 'delta', 'lifetime', 'spawn'],
      ...['encryption-keys', 'kems', 'contexts', 'max', 'draft-literal'],
    );
    const value = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom('A', 'off', '/file', 300, 700, true),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 5 }),
      ),
    })).json;
    fc.assert(
      fc.property(value, (json) => {
        const { settings, problems } = checkSettings(json);
        expect(settings === undefined).toBe(problems.length > 0);
        for (const problem of problems) {
          expect(problemText(problem)).toContain(pathText(problem.path));
        }
      }),
    );
  });
});

describe('a user-context', () => {
  const path = ['subnet 2001:db8::/64', 'user-context'];
  const texts = (context: unknown): string[] => userContextProblems(context, path).map(problemText);

  test.each([
    undefined,
    {},
    { encryption: {} },
    { encryption: { mode: 'off' }, comment: 'others', description: 'encryption' },
  ])('%j is right', (context) => {
    expect(texts(context)).toEqual([]);
  });

  test.each([
    [{ encryption: { mode: 'maybe' } }, 'encryption.mode: "maybe" is not "off", '],
    [{ encryption: { mode: 3 } }, 'encryption.mode: 3 is not "off", '],
    [{ encryption: { mdoe: 'off' } }, 'encryption.mdoe: is not a known setting: did you mean "mode"?'],
    [{ encryption: 'on' }, 'encryption: "on" is not a map'],
    [{ encryption: null }, 'encryption: null is not a map'],
    [{ Encryption: {} }, 'Encryption: is not a known setting: did you mean "encryption"?'],
    [{ encyrption: {} }, 'encyrption: is not a known setting: did you mean "encryption"?'],
  ])('%j is told so', (context, text) => {
    expect(texts(context)).toEqual([expect.stringContaining(`"subnet 2001:db8::/64".user-context.${text}`)]);
  });
});

describe('a host identifier', () => {
  test('needs "flex-id" among the identifiers of reservations', () => {
    expect(flexIdProblems('none', false)).toEqual([]);
    expect(flexIdProblems('san-uri', true)).toEqual([]);
    expect(flexIdProblems('san-uri', false).map(problemText)).toEqual([
      expect.stringMatching(/^parameters\.host-identifier: .*"flex-id"/),
    ]);
  });
});
