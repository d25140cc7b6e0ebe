// SPDX-License-Identifier: MPL-2.0
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileCredentialReader } from '../../../src/engine';
import {
  checkFiles,
  loadSettings,
  parseSettings,
  problemText,
  SettingsError,
} from '../../../src/engine/settings';
import { type Authority, createAuthority, issueCertificate } from '../../../src/pki';
import { encodePem } from '../../../src/pki/pem';
import {
  certificate,
  extKeyUsage,
  ids,
  keyUsage,
  newKey,
  spkiOf,
  usage,
} from '../../bridge/path/support/certificates';
import { TestDirectory } from '../../support/test-directory';

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;

const directory = TestDirectory.forAllTests().path;
let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority({ subject: 'CN=CA', keyType: 'P-256', days: 365, now: now - 60 * day });
  writeFileSync(path('ca.pem'), authority.certificatePem);
  writeFileSync(path('ca.key'), authority.privateKeyPem);
  await issue('server', 'server', now - day);
  await issue('other', 'server', now - day);
  await issue('expired', 'server', now - 40 * day);
  await issue('early', 'server', now + day);
  await issue('client', 'client', now - day);
});

function path(name: string): string {
  return join(directory, name);
}

/** A certificate for thirty days, as NAME.pem and NAME.key. */
async function issue(name: string, purpose: 'client' | 'server', from: number): Promise<void> {
  const issued = await issueCertificate({
    authority,
    purpose,
    subject: `CN=${name}`,
    dns: [`${name}.example.net`],
    key: 'P-256',
    days: 30,
    now: from,
  });
  writeFileSync(path(`${name}.pem`), issued.certificatePem);
  writeFileSync(path(`${name}.key`), issued.privateKeyPem!);
}

function pair(certificate: string, key = certificate) {
  return { certificate: path(`${certificate}.pem`), 'private-key': path(`${key}.key`) };
}

function settings(more: object) {
  return parseSettings({
    ...pair('server'),
    'trust-anchors': [path('ca.pem')],
    'state-directory': directory,
    ...more,
  });
}

function problems(more: object): string[] {
  const { loaded, problems: found } = checkFiles(settings(more), now, fileCredentialReader);
  expect(loaded === undefined).toBe(found.length > 0);
  return found.map(problemText);
}

describe('files of the settings', () => {
  test('what they hold', () => {
    const loaded = loadSettings(
      settings({ 'previous-keys': [pair('other')], intermediates: [path('ca.pem')] }),
      now,
      fileCredentialReader,
    );
    expect(loaded.identity.chain).toHaveLength(1);
    expect(loaded.previous).toHaveLength(1);
    expect(loaded.previous[0]!.keyId.equals(loaded.identity.keyId)).toBe(false);
    expect(loaded.trust.anchors).toHaveLength(1);
    expect(loaded.trust.intermediates).toEqual(loaded.trust.anchors);
    expect(loaded.trust.crls).toEqual([]);
  });

  test('a previous key is good after its certificate expired, for it only decrypts', () => {
    expect(problems({ 'previous-keys': [pair('expired')] })).toEqual([]);
  });

  test('a certificate for signatures alone, but with draft-literal (docs/protocol.md 2, 9)', () => {
    const key = newKey();
    const spki = spkiOf(key);
    const extensions = [keyUsage(usage.digitalSignature), extKeyUsage(ids.serverAuth)];
    writeFileSync(path('signing.pem'), encodePem('CERTIFICATE', certificate({ spki, extensions }, key)));
    writeFileSync(path('signing.key'), key.export({ type: 'pkcs8', format: 'pem' }));
    expect(problems(pair('signing'))).toEqual([]);
    expect(problems({ ...pair('signing'), 'draft-literal': true })).toEqual([
      expect.stringMatching(/^parameters\.certificate: .*signing\.pem.* lacks keyAgreement$/),
    ]);
    const previous = { 'previous-keys': [pair('signing')], 'draft-literal': true };
    expect(problems(previous)).toEqual([
      expect.stringMatching(/^parameters\.previous-keys\[0\]\.certificate: /),
    ]);
  });

  test.each<[string, () => object, RegExp]>([
    [
      'a missing certificate',
      () => ({ certificate: path('absent.pem') }),
      /^parameters\.certificate: .*absent\.pem: no such file or directory$/,
    ],
    [
      'a missing key',
      () => ({ 'private-key': path('absent.key') }),
      /^parameters\.private-key: .*absent\.key: no such file or directory$/,
    ],
    [
      'a key that does not match its certificate',
      () => pair('server', 'other'),
      /^parameters\.private-key: .*other\.key: not the private key of the certificate in .*server\.pem$/,
    ],
    [
      'a certificate in the place of the key',
      () => ({ 'private-key': path('server.pem') }),
      /^parameters\.private-key: .*server\.pem/,
    ],
    [
      'an expired certificate',
      () => pair('expired'),
      /^parameters\.certificate: .*expired\.pem, line 1: the certificate expired at 2026-05-/,
    ],
    [
      'a certificate of tomorrow',
      () => pair('early'),
      /^parameters\.certificate: .*early\.pem, line 1: the certificate is valid from 2026-06-01T23:55/,
    ],
    [
      'a certificate without the extended key usage of a server',
      () => pair('client'),
      /^parameters\.certificate: .*client\.pem, line 1: .*extended key usage serverAuth/,
    ],
    [
      'a previous key that does not match',
      () => ({ 'previous-keys': [pair('other'), pair('expired', 'client')] }),
      /^parameters\.previous-keys\[1\]\.private-key: .*client\.key: not the private key/,
    ],
    [
      'a previous key that is the present one',
      () => ({ 'previous-keys': [pair('other'), pair('server')] }),
      /^parameters\.previous-keys\[1\]: has the key of the present certificate$/,
    ],
    [
      'a previous key that stands there twice',
      () => ({ 'previous-keys': [pair('other'), pair('other')] }),
      /^parameters\.previous-keys\[1\]: has the key of previous-keys\[0\]$/,
    ],
    [
      'a trust anchor that is a key',
      () => ({ 'trust-anchors': [path('ca.pem'), path('ca.key')] }),
      /^parameters\.trust-anchors\[1\]: .*ca\.key/,
    ],
    [
      'a trust anchor that is no authority',
      () => ({ 'trust-anchors': [path('client.pem')] }),
      /^parameters\.trust-anchors\[0\]: .*client\.pem, line 1: not the certificate of a certification authority$/,
    ],
    [
      'a missing intermediate',
      () => ({ intermediates: [path('absent.pem')] }),
      /^parameters\.intermediates\[0\]: .*absent\.pem: no such file or directory$/,
    ],
    ['a CRL that is a certificate', () => ({ crls: [path('ca.pem')] }), /^parameters\.crls\[0\]: .*ca\.pem/],
    [
      'a directory in the place of a file',
      () => ({ crls: [directory] }),
      /^parameters\.crls\[0\]: .*: it is a directory$/,
    ],
    [
      'a state directory that is a file',
      () => ({ 'state-directory': path('ca.pem') }),
      /^parameters\.state-directory: ".*ca\.pem" is not a directory/,
    ],
    [
      'a state directory below a file',
      () => ({ 'state-directory': join(path('ca.pem'), 'a', 'b') }),
      /^parameters\.state-directory: ".*" is not a directory: .*ca\.pem is a file$/,
    ],
    [
      'a Node.js that is not there',
      () => ({ engine: { node: path('node') } }),
      /^parameters\.engine\.node: .*ENOENT.*node/,
    ],
  ])('%s', (_, more, text) => {
    expect(problems(more())).toEqual([expect.stringMatching(text)]);
  });

  test('a Node.js that cannot be run', () => {
    writeFileSync(path('no-program'), '');
    chmodSync(path('no-program'), 0o644);
    expect(problems({ engine: { node: path('no-program') } })).toEqual([
      expect.stringMatching(/^parameters\.engine\.node: EACCES/),
    ]);
    expect(problems({ engine: { spawn: false, node: path('no-program') } })).toEqual([]);
    expect(problems({ engine: { node: process.execPath } })).toEqual([]);
  });

  test('a state directory that is not there yet, or behind a link', () => {
    mkdirSync(path('state'));
    symlinkSync(path('state'), path('link'));
    expect(problems({ 'state-directory': join(path('link'), 'a', 'b') })).toEqual([]);
  });

  test('all problems at once, and the first as an error', () => {
    const wrong = { ...pair('client'), crls: [path('absent.crl')], 'trust-anchors': [path('absent.pem')] };
    expect(problems(wrong)).toHaveLength(3);
    const load = () => loadSettings(settings(wrong), now, fileCredentialReader);
    expect(load).toThrow(SettingsError);
    expect(load).toThrow(expect.objectContaining({ code: 'bad-file', path: ['parameters', 'certificate'] }));
  });
});
