// SPDX-License-Identifier: MPL-2.0
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, OptionCode } from '../../src/dhcpv6';
import {
  addressedTo,
  decodeEncryptedQuery,
  defaultCodePoints,
  encodeEncryptedReply,
  encodeEncryptedRequest,
  encodeReportingResponse,
  encodeRetry,
  encodeSignedInner,
  encodeSignedResponse,
  encodeSolicit,
  KemId,
} from '../../src/protocol';
import { encodeEncryptedQuery } from '../../src/protocol/encrypted-query';
import { encodeEnvelopeHeader } from '../../src/protocol/envelope';
import { signerOf } from '../client/support/announcing-server';
import { TestDirectory } from '../support/test-directory';

const folder = join(__dirname, '../../docs/model');
const page = readFileSync(join(folder, 'README.md'), 'utf8');

const [client, server] = [signerOf('client-P-256'), signerOf('server-P-256')];
const cookie = Buffer.alloc(21);
const serverIdentifier = Buffer.from('0003000101', 'hex');
const encryptionKey = { kemId: KemId.X25519, lifetime: 3600, publicKey: Buffer.alloc(32, 1) };
const shown = { signer: client, timestamp: 1n };
const request = { transactionId: 1, kemList: [KemId.X25519], cookie };
const announcement = { serverIdentifier, timestamp: 1n, kemList: [KemId.X25519], encryptionKey };
const report = { status: { code: 706, message: '' }, requestDigest: Buffer.alloc(32) };
const envelope = encodeEnvelopeHeader({
  mode: 0,
  ...{ kemId: KemId.X25519, kdfId: 1, aeadId: 1, sequence: 0 },
  ...{ recipientTag: Buffer.alloc(8), contextIdentifier: Buffer.alloc(16), enc: Buffer.alloc(32) },
});

const optionNames = new Map<number, string>([
  ...Object.entries(defaultCodePoints.optionCodes).map(([name, code]) => [code, name] as const),
  [OptionCode.ServerIdentifier, 'server-identifier'],
  [OptionCode.StatusCode, 'status-code'],
  // The credential's other form.
  [defaultCodePoints.optionCodes['public-key'], 'certificate'],
]);

/** The transaction-id, and the options. */
function fieldsOf(...messages: readonly Buffer[]): string[] {
  const codes = messages.flatMap((octets) => decodeMessage(octets).options.map(({ code }) => code));
  return ['transaction-id', ...codes.map((code) => optionNames.get(code) ?? '(other options)')];
}

const query = encodeEncryptedQuery(defaultCodePoints, { transactionId: 1, serverIdentifier, cookie }, () =>
  Buffer.concat([envelope, Buffer.alloc(16)]),
);

/** The header is all but the ciphertext, and begins with the version. */
const envelopeFields = Object.keys(decodeEncryptedQuery(defaultCodePoints, query).envelope).map((name) =>
  name === 'header' ? 'version' : name,
);

const reply = (of?: typeof report): Buffer =>
  addressedTo(
    defaultCodePoints,
    encodeEncryptedReply(defaultCodePoints, server, announcement, of),
    1,
    cookie,
  );

/** Each message with all that it may carry. */
const code: Readonly<Record<string, readonly string[]>> = {
  'Encrypted-Request': fieldsOf(
    encodeEncryptedRequest(defaultCodePoints, request),
    encodeEncryptedRequest(defaultCodePoints, request, shown),
  ),
  'Encrypted-Reply': fieldsOf(reply(), reply(report)),
  Retry: fieldsOf(encodeRetry(defaultCodePoints, 'encrypted-reply', 1, serverIdentifier, cookie)),
  'Encrypted-Query': [...fieldsOf(query).filter((name) => name !== 'encrypted-message'), ...envelopeFields],
  'Opening query, inside': fieldsOf(
    encodeSignedInner(
      defaultCodePoints,
      { msgType: 1, transactionId: 1, options: [{ code: OptionCode.RapidCommit, data: Buffer.alloc(0) }] },
      { info: Buffer.alloc(0), aad: Buffer.alloc(0) },
      { ...shown, encryptionKey, includeCredential: true },
    ),
  ),
  // Of section 3: the transaction-id and the envelope alone.
  'Encrypted-Response': ['transaction-id', ...envelopeFields],
  'Solicit of solution B': fieldsOf(
    encodeSolicit(defaultCodePoints, { ...request, encryptionKey, options: [] }, shown),
    encodeSolicit(
      defaultCodePoints,
      { ...request, encryptionKey, options: [] },
      { ...shown, signer: { ...client, chain: [] } },
    ),
  ),
  'Answer to a Solicit': fieldsOf(
    encodeSignedResponse(defaultCodePoints, server, 1, announcement, envelope, report.requestDigest, cookie),
    encodeReportingResponse(defaultCodePoints, server, 1, announcement, report, cookie),
  ),
};

const library = (name: string): string => readFileSync(join(folder, 'lib', `${name}.pvl`), 'utf8');

/** The names in the terms that the pattern captures; what differs in a later message is the same field. */
function termsOf(text: string, pattern: RegExp): string[] {
  const names = [...text.matchAll(pattern)].flatMap(([, terms = '']) => terms.split(','));
  expect(names.length).toBeGreaterThan(0);
  return names
    .map((name) => name.replace(/:.*/, '').replace('=', '').trim())
    .filter((name) => name !== 'noEnc');
}

const [a, b] = [library('solution-a'), library('solution-b')];

/** What the terms of each message have, and `sign` where it is signed. */
const model: Readonly<Record<string, readonly string[]>> = {
  'Encrypted-Request': [...termsOf(a, /\(encryptedRequest, ([^()]+)\)/g), 'sign'],
  'Encrypted-Reply': [...termsOf(a, /\(encryptedReply, ([^()]+)\)/g), 'sign'],
  Retry: [],
  'Encrypted-Query': termsOf(a, /\(encryptedQuery, ([^()]+)\)/g),
  'Opening query, inside': [...termsOf(a, /let \(([^()]+)\) = inner in/g), 'sign'],
  'Encrypted-Response': termsOf(a, /\(encryptedResponse, ([^()]+)\)/g),
  'Solicit of solution B': termsOf(b, /\(solicit, ([^()]+)\)/g),
  'Answer to a Solicit': [...termsOf(b, /\(asServer, \(encryptedResponse, ([^()]+)\)\)/g), 'sign'],
};

interface Row {
  readonly message: string;
  readonly code: string;
  readonly model: readonly string[];
  readonly remark: string;
}

const rows: readonly Row[] = [...page.matchAll(/^\| ([A-Z][^|]+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$/gm)].map(
  ([, message = '', name = '', terms = '', remark = '']) => ({
    message: message.trim(),
    code: name.trim(),
    model: [...terms.matchAll(/`([^`]+)`/g)].map(([, term = '']) => term),
    remark: remark.trim(),
  }),
);

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

describe.each(Object.keys(code))('docs/model/README.md, %s', (message) => {
  const own = rows.filter((row) => row.message === message);

  it('has the fields that the code writes', () => {
    expect(sorted(own.map((row) => row.code))).toEqual(sorted(code[message] ?? []));
    expect(own).toHaveLength(sorted(own.map((row) => row.code)).length);
  });

  it('has the terms of the model, and says why it leaves out the others', () => {
    expect(sorted(own.flatMap((row) => row.model))).toEqual(sorted(model[message] ?? []));
    expect(own.filter((row) => row.model.length === 0 && row.remark === '')).toEqual([]);
  });
});

describe('docs/model', () => {
  const directory = TestDirectory.forEachTest();
  const models = readdirSync(folder).filter((name) => name.endsWith('.pv'));

  it('has each model in its table of results, with as many results as the file expects', () => {
    expect(models.length).toBeGreaterThan(20);
    const wrong = models.filter((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const expected = [...text.matchAll(/^\(\* EXPECT: (\w+) \*\)$/gm)].map(([, result]) =>
        result === 'true' ? '✓' : '✗',
      );
      const row = new RegExp(
        `^\\| \`${name.replace('.pv', '')}\` +\\|.*\\| ([✓✗ ]*[✓✗]) +\\| \\d+ +\\|$`,
        'm',
      ).exec(page);
      return expected.length === 0 || row?.[1] !== expected.join(' ');
    });
    expect(wrong).toEqual([]);
  });

  it('has each library that a model names', () => {
    const named = models.flatMap((name) => {
      const [, list = ''] =
        /^\(\* LIBRARIES: (.*) \*\)$/m.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
      return list.split(' ');
    });
    expect(named.filter((name) => !existsSync(join(folder, 'lib', `${name}.pvl`)))).toEqual([]);
  });

  /** Runs the script where there is no ProVerif but the one that is named. */
  function run(...argv: readonly string[]): { readonly status: number | null; readonly output: string } {
    const bare = { PATH: directory.path, PROVERIF: '' };
    for (const tool of ['dirname', 'mktemp', 'rm', 'sed', 'nice', 'timeout', 'bash', 'cat']) {
      symlinkSync(`${existsSync(`/usr/bin/${tool}`) ? '/usr' : ''}/bin/${tool}`, directory.file(tool));
    }
    const { status, stdout, stderr } = spawnSync('/bin/bash', ['run.sh', ...argv], {
      cwd: folder,
      env: bare,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }

  it('is checked by a script that says why where there is no ProVerif', () => {
    expect(run()).toEqual({ status: 0, output: expect.stringMatching(/^skipped: there is no proverif/) });
  });

  it.each([
    ['false', 0, 'all as expected'],
    ['true', 1, '1 different'],
  ])('is checked by a script that compares each result with the expected one: %s', (result, status, text) => {
    const summary = `Verification summary:\n\nQuery event(x) is ${result}.\n`;
    const proverif = directory.write('prover', `#!/bin/bash\nprintf '${summary.replaceAll('\n', '\\n')}'\n`, {
      mode: 0o755,
    });
    const checked = run(proverif, 's2-signatures-draft-literal.pv');
    expect(checked).toEqual({ status, output: expect.stringContaining(text) });
  });
});
