// SPDX-License-Identifier: MPL-2.0
import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseKeaJson } from '../../../src/engine/kea-config/kea-json';
import { extKeyUsage, ids, keyUsage, usage } from '../../bridge/path/support/certificates';
import { element, Oid, sequence, set, utf8String } from '../../pki/support/der';
import { rawCertificate } from '../attacks/support/bad-certificates';
import { newKey } from '../attacks/support/signers';
import { type CredentialFiles, keyOf, leaseOk, Site } from '../support';

const bmpString = (text: string): Buffer => element(0x1e, Buffer.from(text, 'utf16le').swap16());

/**
 * test/hostile-names.test.ts has more of them, such as half a character, which OpenSSL takes in no certificate. A message
 * has room for so long a one.
 */
const names: readonly (readonly [what: string, value: Buffer, shown: string])[] = [
  ['letters beyond ASCII', utf8String('é東'), 'CN=é東'],
  ['what nobody sees', bmpString('a\u00adb\u061c'), 'CN=a\\C2\\ADb\\D8\\9C'],
  ['a mark of direction', utf8String('a\u200eb'), 'CN=a\\E2\\80\\8Eb'],
  ['NUL and another line', utf8String('a\0\nb'), 'CN=a\\00\\0Ab'],
  ['12 KiB', utf8String('a'.repeat(12_288)), `CN=${'a'.repeat(253)}`],
];

/** Names of certificates in the answers and logs of a real Kea, which reads what the engine says with its own parser. */
describe('names that would break a line, a terminal or JSON', () => {
  const site = Site.forEachTest(0);

  /** A certificate of the authority with this commonName. */
  async function issue(label: string, value: Buffer, role: string): Promise<CredentialFiles> {
    const key = newKey();
    const { authority } = site.pki;
    const der = rawCertificate(authority.key.privateKey, authority.fields.subjectDer, key, {
      subject: sequence(set(sequence(Oid.commonName, value))),
      extensions: [keyUsage(usage.digitalSignature, usage.keyAgreement), extKeyUsage(role)],
    });
    const files = { certificate: site.path(`${label}.pem`), privateKey: site.path(`${label}.key`) };
    await writeFile(files.certificate, new X509Certificate(der).toString());
    await writeFile(files.privateKey, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    return files;
  }

  it('are in answers that Kea and others read, and in the log on one line', async () => {
    const kea = await site.start({ engine: { workers: 1 } });
    for (const [index, [, value, shown]] of names.entries()) {
      const credentials = await issue(`client-${index}`, value, ids.clientAuth);
      await leaseOk('lease', await site.client({ credentials, name: `client-${index}` }));
      const answer = await kea.command('encryption-key-get', { key: await keyOf(credentials) });
      expect(parseKeaJson(JSON.stringify(answer))).toMatchObject({
        result: 0,
        arguments: { key: { name: shown } },
      });
    }
    for (const [, , shown] of names) {
      expect(kea.log).toContain(shown);
    }
    // A control, a mark of direction, or half a character.
    expect(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u.exec(kea.log)).toBeNull();
  });

  it.each(names)("of the server's own certificate are in its status: %s", async (_, value, shown) => {
    const credentials = await issue('server', value, ids.serverAuth);
    const kea = await site.start({}, { credentials });
    for (const command of ['encryption-status', 'encryption-reload']) {
      const answer = parseKeaJson(JSON.stringify(await kea.command(command)));
      expect(answer).toMatchObject({ result: 0 });
      expect(JSON.stringify(answer)).toContain(JSON.stringify(shown).slice(1, -1));
    }
  });
});
