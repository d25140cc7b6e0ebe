// SPDX-License-Identifier: MPL-2.0

import { type Command, Option } from 'commander';
import {
  type Authority,
  describeCertificate,
  isDnsName,
  issueCertificate,
  type IssuedCertificate,
  type IssuedKeyType,
  isUri,
  type Purpose,
  readCertificateRequest,
  readPublicKeyFile,
} from '../../pki';
import { UsageError } from '../errors';
import { AuthorityDirectory } from './authority-directory';
import { daysOption, directoryOption, forceOption, jsonOption, keyTypeOption, repeatable } from './options';
import { print, printJson, resultLines, timeText } from '../print';
import { type NewFile, requireAbsent, writeFiles } from './write-files';

interface NameOptions {
  readonly name?: string;
  readonly subject?: string;
  readonly dns: readonly string[];
  readonly uri: readonly string[];
}

interface OutputOptions {
  readonly directory: string;
  readonly days: number;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
}

interface IssueForOptions extends NameOptions, OutputOptions {
  readonly keyType: IssuedKeyType;
}

interface IssueOptions extends NameOptions, OutputOptions {
  readonly purpose: Purpose;
  readonly publicKey?: string;
  readonly csr?: string;
}

/** `pki server` and `pki client`: a new key and its certificate. */
export function registerIssueFor(pki: Command, purpose: Purpose): void {
  const example = purpose === 'server' ? 'dhcp.example.net' : 'laptop.example.net';
  withNamesAndOutput(
    pki.command(purpose).description(`make a ${purpose}'s key and certificate`).addOption(directoryOption()),
  )
    .addOption(keyTypeOption())
    .addHelpText(
      'after',
      `
Writes PREFIX.pem, the certificate and the intermediate ones behind it, and PREFIX.key, the private key.

Example:
  kea-encryption pki ${purpose} --directory ./pki --name ${example} --out ${purpose}`,
    )
    .action(async (options: IssueForOptions) => {
      await issueToFiles(purpose, options, options, options.keyType);
    });
}

/** `pki issue`: a certificate for a key that its owner made and keeps. */
export function registerIssue(pki: Command): void {
  withNamesAndOutput(
    pki
      .command('issue')
      .description('certify a key that its owner has made')
      .addOption(directoryOption())
      .addOption(
        new Option('--purpose <purpose>', 'whose certificate it is to be')
          .choices(['client', 'server'])
          .makeOptionMandatory(),
      )
      .addOption(new Option('--public-key <file>', 'the public key').conflicts('csr'))
      .option(
        '--csr <file>',
        'a certificate request (PKCS#10), whose names are used unless others are given',
      ),
  )
    .addHelpText(
      'after',
      `
Writes PREFIX.pem, the certificate and the intermediate ones behind it.

Example:
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout laptop.key -subj /CN=laptop -out laptop.csr
  kea-encryption pki issue --directory ./pki --purpose client --csr laptop.csr --out laptop`,
    )
    .action(issue);
}

function withNamesAndOutput(command: Command): Command {
  return command
    .option('--name <name>', 'its name: becomes the common name, and a DNS name or URI if it is one')
    .option('--subject <name>', "the whole subject, such as 'CN=host, O=Example', instead of CN=NAME")
    .addOption(repeatable('--dns <name>', 'a DNS name; may be repeated'))
    .addOption(repeatable('--uri <uri>', 'a URI; may be repeated'))
    .addOption(daysOption(365))
    .requiredOption('--out <prefix>', 'where to write to, without .pem and .key')
    .addOption(forceOption())
    .addOption(jsonOption());
}

async function issue(options: IssueOptions): Promise<void> {
  const { purpose, publicKey, csr } = options;
  if (csr !== undefined) {
    const request = await readCertificateRequest(csr);
    const named = hasNames(options);
    const names = named ? options : { ...options, ...request.subjectAltNames };
    await issueToFiles(purpose, options, names, request.key.spki, named ? undefined : request.subjectDer);
  } else if (publicKey !== undefined) {
    await issueToFiles(purpose, options, options, readPublicKeyFile(publicKey).spki);
  } else {
    throw new UsageError('either --public-key or --csr says which key to certify');
  }
}

function hasNames({ name, subject, dns, uri }: NameOptions): boolean {
  return name !== undefined || subject !== undefined || dns.length + uri.length > 0;
}

async function issueToFiles(
  purpose: Purpose,
  output: OutputOptions,
  names: NameOptions,
  key: IssuedKeyType | Buffer,
  subjectDer?: Buffer,
): Promise<void> {
  const certificatePath = `${output.out}.pem`;
  const keyPath = `${output.out}.key`;
  const makesKey = typeof key === 'string';
  if (!output.force) {
    requireAbsent(makesKey ? [certificatePath, keyPath] : [certificatePath]);
  }
  const { dns, uri } = alternativeNames(names);
  if (purpose === 'server' && dns.length + uri.length === 0) {
    throw new UsageError("a server's certificate needs a DNS name or a URI: clients look for no other");
  }
  const subject = subjectDer ?? names.subject ?? commonName(names.name);
  const authority: Authority = new AuthorityDirectory(output.directory).load();
  const issued = await issueCertificate({
    authority,
    purpose,
    subject,
    dns,
    uri,
    key,
    days: output.days,
    now: Date.now(),
  });
  writeFiles(issuedFiles(issued, certificatePath, keyPath), output.force);
  printIssued(issued, certificatePath, makesKey ? keyPath : undefined, output.json);
}

/** The value of --name comes first; duplicates are removed. */
function alternativeNames({ name, dns, uri }: NameOptions): { dns: string[]; uri: string[] } {
  const named = name === undefined ? [] : [name];
  return {
    dns: [...new Set([...named.filter(isDnsName), ...dns])],
    uri: [...new Set([...named.filter(isUri), ...uri])],
  };
}

/** Empty if the name is too long for a commonName: it is then in the subjectAltName alone. */
function commonName(name: string | undefined): string {
  return name === undefined || Array.from(name).length > 64 ? '' : `CN=${name.replace(/[\\,+ ]/g, '\\$&')}`;
}

function issuedFiles(issued: IssuedCertificate, certificatePath: string, keyPath: string): NewFile[] {
  const certificate = { path: certificatePath, text: issued.certificatePem, isSecret: false };
  const { privateKeyPem } = issued;
  return privateKeyPem === undefined
    ? [certificate]
    : [{ path: keyPath, text: privateKeyPem, isSecret: true }, certificate];
}

function printIssued(
  issued: IssuedCertificate,
  certificatePath: string,
  privateKey: string | undefined,
  json: boolean,
): void {
  const { subject, subjectAltNames, serial, notAfter } = describeCertificate(
    issued.certificate,
    certificatePath,
  );
  const { dns, uri } = subjectAltNames;
  const result = {
    certificate: certificatePath,
    privateKey,
    subject,
    dns,
    uri,
    serial,
    notAfter: timeText(notAfter),
  };
  if (json) {
    printJson(result);
  } else {
    print(...resultLines(result));
  }
}
