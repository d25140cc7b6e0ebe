// SPDX-License-Identifier: MPL-2.0

import fc from 'fast-check';
import { PkiError } from '../../src/pki';
import { encodePem, parsePem } from '../../src/pki/pem';
import { pkiError } from './support/errors';

const parse = (text: string) => parsePem(Buffer.from(text), 'file.pem');
const block = encodePem(
  'CERTIFICATE',
  Buffer.from('some octets that are nothing in particular, but long enough'),
);

describe('PEM (RFC 7468)', () => {
  test('blocks come in their order, with their lines', () => {
    const second = encodePem('X509 CRL', Buffer.of(1));
    expect(parse(`${block}${second}`).map(({ label, line }) => ({ label, line }))).toEqual([
      { label: 'CERTIFICATE', line: 1 },
      { label: 'X509 CRL', line: 5 },
    ]);
  });

  test('explanatory text around blocks is passed over (section 2)', () => {
    const text = `# The root\nsubject=CN = root\n\n${block}\nIssuer: CN=root\n=========\n${block}end of file`;
    expect(parse(text)).toHaveLength(2);
  });

  test('carriage returns and blanks at the ends of lines are passed over', () => {
    expect(parse(block.replaceAll('\n', ' \r\n'))).toEqual(parse(block));
  });

  test('RFC 1421 headers are kept apart from the contents', () => {
    const text =
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID\n-----END RSA PRIVATE KEY-----\n';
    expect(parse(text)).toEqual([
      {
        label: 'RSA PRIVATE KEY',
        der: Buffer.of(1, 2, 3),
        line: 1,
        headers: ['Proc-Type: 4,ENCRYPTED', 'DEK-Info: AES-256-CBC,00'],
      },
    ]);
  });

  test.each([
    ['four hyphens', block.replace('-----BEGIN', '----BEGIN'), 'line 1: a damaged BEGIN or END line'],
    ['a boundary with something behind it', block.replace('E-----\n', 'E----- x\n'), 'line 1: a damaged'],
    ['no hyphens at all', `${block}BEGIN CERTIFICATE\n`, 'line 5: a damaged'],
    ['an END alone', `${block}-----END CERTIFICATE-----\n`, 'line 5: END CERTIFICATE without a BEGIN'],
    ['no END', block.slice(0, -30), 'line 1: the CERTIFICATE that begins here has no END'],
    [
      'another END',
      block.replace('END CERTIFICATE', 'END X509 CRL'),
      'line 4: END X509 CRL ends the CERTIFICATE',
    ],
    ['a BEGIN within', block.replace(/-----END.*\n/, block), 'line 4: BEGIN CERTIFICATE inside'],
    ['a stray character', block.replace('\nc', '\n!'), 'line 2: not base64'],
    ['an empty line', block.replace('\nc', '\n\nc'), 'line 2: not base64'],
    ['a character missing', block.replace('\nc', '\n'), 'line 1: the base64 of the CERTIFICATE'],
    [
      'no contents',
      '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
      'line 1: the CERTIFICATE that begins here is empty',
    ],
    ['padding in the middle', '-----BEGIN A-----\nAQ==\nAQ==\n-----END A-----\n', 'line 3: not base64'],
    [
      'bits set that belong to no octet (RFC 4648 section 3.5)',
      '-----BEGIN A-----\nAR==\n-----END A-----\n',
      'line 1: the base64 of the A',
    ],
  ])('%s is refused, with its line', (_name, text, message) => {
    const error = pkiError(() => parse(text));
    expect(error).toMatchObject({ code: 'pem-malformed', source: 'file.pem' });
    expect(error.message).toContain(`file.pem: ${message}`);
  });

  test('what is encoded is decoded to the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (octets) => {
        const der = Buffer.from(octets);
        expect(parse(encodePem('CERTIFICATE', der))).toEqual([
          { label: 'CERTIFICATE', der, line: 1, headers: [] },
        ]);
      }),
    );
  });

  test('any text is blocks or a PkiError', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(...block.split('\n'), '-----BEGIN X509 CRL-----', 'Proc-Type: 4,ENCRYPTED', ''),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        try {
          parse(lines.join('\n'));
        } catch (error) {
          expect(error).toBeInstanceOf(PkiError);
        }
      }),
    );
  });
});
