// SPDX-License-Identifier: MPL-2.0

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Downstream, parseDownstream } from '../../client';
import { kems } from '../../crypto';
import { isDuidLength, parseDuid } from '../../dhcpv6';
import { wholeNumber } from '../numbers';

/** The options of `kea-encryption client`; each sub-command checks that it has those it needs. */
export interface GivenOptions {
  readonly interface?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly privateKeyCommand?: readonly string[];
  readonly publicCertificate: boolean;
  readonly kem: string[];
  /** False with `--no-clock`. */
  readonly clock: boolean;
  readonly anonymous: boolean;
  readonly solution: 'A' | 'B';
  readonly trustAnchors?: string[];
  readonly trustOnFirstUse?: string;
  readonly trustNewServers: boolean;
  readonly intermediates: string[];
  readonly crls: string[];
  readonly serverName?: string;
  readonly prefix: boolean;
  readonly address: boolean;
  readonly rapidCommit: boolean;
  readonly duid?: Buffer;
  readonly iaid?: number;
  readonly fqdn?: string;
  readonly leaseFile?: string;
  readonly opportunistic: boolean;
  readonly clearDuid?: Buffer;
  readonly timeout: number;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly release: boolean;
  readonly dryRun: boolean;
  readonly script?: string;
  readonly downstream: readonly Downstream[];
  readonly requestOption: readonly number[];
}

/** The options of a sub-command that exchanges messages with servers. */
export interface ClientOptions extends GivenOptions {
  readonly interface: string;
}

/** The options are the parent's, so that they may stand before and after the sub-command's name. */
export function addClientOptions(client: Command): Command {
  return client
    .option('--interface <name>', 'network interface (required)', oneInterface)
    .option(
      '--certificate <file>',
      'PEM: own certificate and intermediates; without it the bare key is shown',
    )
    .option('--private-key <file>', 'PEM: own private key (required, but with --anonymous)')
    .option(
      '--private-key-command <command>',
      'instead of --private-key, with --certificate: a program that signs, and its arguments, by spaces',
      (words: string) => words.split(' ').filter((word) => word !== ''),
    )
    .option(
      '--public-certificate',
      'show the certificate, or the bare key, in clear, too, as the draft does; by default under encryption only',
      false,
    )
    .addOption(
      new Option('--kem <names...>', 'KEMs of encryption keys, most wanted first')
        .choices(kems.map(({ name }) => name))
        .default(['x25519']),
    )
    .option(
      '--no-clock',
      'this machine has no clock: take the time from authenticated servers, for this protocol only',
    )
    .option(
      '--anonymous',
      'lease, run, information-request: another identity for each lease (RFC 7844), with a key made for it',
      false,
    )
    .addOption(
      new Option('--solution <solution>', 'which mechanism the server runs').choices(['A', 'B']).default('A'),
    )
    .option('--trust-anchors <files...>', "PEM or DER: authorities for servers' certificates")
    .option(
      '--trust-on-first-use <file>',
      'keep the keys of servers in this file and refuse changed ones; without --trust-anchors the first servers are trusted',
    )
    .option(
      '--trust-new-servers',
      'with --trust-on-first-use, if none of the pinned servers answers: trust one that is not pinned',
      false,
    )
    .option('--intermediates <files...>', 'further certificates to build paths with', [])
    .option('--crls <files...>', 'certificate revocation lists', [])
    .option('--server-name <name>', "DNS name or URI that the server's certificate must have")
    .option('--prefix', 'request a delegated prefix too', false)
    .option('--no-address', 'do not request an address')
    .option('--rapid-commit', 'take a two-message exchange if the server offers it', false)
    .option('--duid <hex>', 'DUID to use; by default the one derived from the key', duid)
    .addOption(
      new Option(
        '--iaid <number>',
        'IAID of address and prefix; by default one made from the interface name',
      ).argParser(wholeNumber(0, 0xffff_ffff)),
    )
    .option('--fqdn <name>', 'host name to send, encrypted')
    .option('--lease-file <file>', 'where the lease is kept between exchanges')
    .option(
      '--opportunistic',
      'continue in clear if no server authenticates itself in time (RFC 7435); without it nothing is sent in clear',
      false,
    )
    .option(
      '--clear-duid <hex>',
      'DUID to use in clear; by default a random one that the lease file keeps',
      duid,
    )
    .option(
      '--timeout <seconds>',
      'how long an exchange may take, in clear once more; run: how long to look for a server; 0 is for ever',
      wholeNumber(0, 86_400),
      30,
    )
    .option('--no-release', 'run: keep the lease at the end')
    .option('--dry-run', 'run: change nothing on this host', false)
    .option('--script <file>', "run: program to call at events, with odhcp6c's arguments and variables")
    .option(
      '--downstream <interface>',
      'run: gets a /64 out of a delegated prefix; interface/N gets the one of number N; may be repeated',
      downstream,
      [],
    )
    .option('--request-option <code>', 'request this option too; may be repeated', optionCode, [])
    .option('--json', 'print JSON, one line an event', false)
    .option('--verbose', 'print on standard error what was ignored and why', false);
}

/** The options of a sub-command that exchanges messages with servers. A missing one ends the process, as in Commander. */
export function clientOptions(command: Command): ClientOptions {
  const given = command.optsWithGlobals<GivenOptions>();
  const { interface: interfaceName, privateKey, privateKeyCommand } = given;
  if (interfaceName === undefined) {
    return missing(command, '--interface <name>');
  }
  if (privateKey === undefined && privateKeyCommand === undefined && !given.anonymous) {
    return missing(command, '--private-key <file>');
  }
  return { ...given, interface: interfaceName };
}

export function missing(command: Command, flags: string): never {
  return command.error(`error: required option '${flags}' not specified`);
}

/** Commander would silently take the last of two interfaces. */
function oneInterface(name: string, before?: string): string {
  if (before !== undefined) {
    throw new InvalidArgumentError('one process serves one interface: run another for the other');
  }
  return name;
}

function duid(text: string): Buffer {
  try {
    const octets = parseDuid(text);
    if (isDuidLength(octets.length)) {
      return octets;
    }
  } catch {
    // The error below is the same.
  }
  throw new InvalidArgumentError('a DUID in hexadecimal is expected, such as 00:03:00:01:02:03:04:05:06:07');
}

function downstream(text: string, before: readonly Downstream[]): readonly Downstream[] {
  const parsed = parseDownstream(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError('an interface is expected, or interface/number of the /64');
  }
  if (before.some((one) => one.interfaceName === parsed.interfaceName || one.slaId === parsed.slaId)) {
    throw new InvalidArgumentError('each interface gets one /64, of a number of its own: interface/number');
  }
  return [...before, parsed];
}

function optionCode(text: string, before: readonly number[]): readonly number[] {
  return [...before, wholeNumber(1, 0xffff)(text)];
}
