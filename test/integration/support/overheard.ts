// SPDX-License-Identifier: MPL-2.0
import { X509Certificate } from 'node:crypto';
import { deriveDuid } from '../../../src/crypto';
import {
  decodeMessage,
  findOption,
  IaNaOption,
  type Message,
  OptionCode,
  readOptions,
} from '../../../src/dhcpv6';
import { defaultCodePoints } from '../../../src/protocol';
import { decodeEnvelope } from '../../../src/protocol/envelope';
import type { Datagram } from './datagrams';
import { ipv6Octets } from './ipv6-text';
import { SERVER_DUID } from './kea-configuration';
import type { Running } from './process';

const [SOLICIT, REPLY, RELEASE] = [1, 7, 8];
const { messageTypes, optionCodes } = defaultCodePoints;
/** The ciphertext's step, and the AEAD's tag behind it (docs/protocol.md 4). */
const [STEP, TAG] = [128, 16];

export interface Lease {
  readonly clientIdentifier: string;
  readonly addresses: readonly {
    readonly iaid: number;
    readonly items: readonly { readonly address: string }[];
  }[];
}

/** What one client has said and heard from its first message to its last, and what it has got. */
export interface Heard {
  readonly datagrams: readonly Datagram[];
  readonly lease: Lease;
  /** In the name of the client's certificate. */
  readonly host: string;
  /** The host name that it sends where it sends one. */
  readonly fqdn: string;
  /** What the server has for everybody. */
  readonly dnsServer: string;
}

/** The leases that a client has told of, in their order; a part of a line is none. */
export function leasesOf({ stdout }: Running): Lease[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { readonly type: string; readonly lease: Lease })
    .flatMap(({ type, lease }) => (type === 'bound' ? [lease] : []));
}

/** What two leases of one client show, in the words of the page. */
export function observe(first: Heard, second: Heard): Readonly<Record<string, string>> {
  const twice = (find: (heard: Heard) => readonly string[]): string => compare(find(first), find(second));
  const either = (isSeen: (heard: Heard) => boolean): string =>
    isSeen(first) && isSeen(second) ? 'seen' : isSeen(first) || isSeen(second) ? 'sometimes' : 'hidden';
  const duid = twice(({ datagrams, lease }) => [
    ...shown(datagrams, Buffer.from(lease.clientIdentifier, 'hex')),
    ...optionsOf(datagrams, OptionCode.ClientIdentifier),
  ]);
  const derived = twice(({ datagrams, lease }) =>
    clientKeys(datagrams)
      .map((key) => deriveDuid(Buffer.from(key, 'hex')).toString('hex'))
      .filter((one) => one === lease.clientIdentifier),
  );
  return {
    "the client's DUID": duid === 'hidden' && derived !== 'hidden' ? `${derived} (computable)` : duid,
    IAID: twice(({ datagrams, lease }) => [
      ...shown(datagrams, iaidOf(lease)),
      ...messagesOf(datagrams).flatMap(({ options }) =>
        readOptions(options, IaNaOption).map(({ iaid }) => iaid.toString(16).padStart(8, '0')),
      ),
    ]),
    'host name': twice(({ datagrams, fqdn }) => shown(datagrams, Buffer.from(fqdn.split('.')[0] ?? ''))),
    "the client's certificate, name": twice(({ datagrams, host }) => [
      ...optionsOf(datagrams, optionCodes.certificate, 'client'),
      ...shown(datagrams, Buffer.from(host)),
    ]),
    "the client's public key": twice(({ datagrams }) => clientKeys(datagrams)),
    'options asked for': twice(({ datagrams }) => optionsOf(datagrams, OptionCode.OptionRequest)),
    'transaction-ids': twice(({ datagrams }) =>
      messagesOf(datagrams).map(({ transactionId }) => String(transactionId)),
    ),
    "the host's clock": either(
      ({ datagrams }) => optionsOf(datagrams, optionCodes.timestamp, 'client').length > 0,
    ),
    'link-local address': twice(({ datagrams }) => clientsOnly(datagrams).map(({ source }) => source)),
    'address leased': either(({ datagrams, lease }) => shown(datagrams, addressOf(lease)).length > 0),
    'DNS servers': either(({ datagrams, dnsServer }) => shown(datagrams, ipv6Octets(dnsServer)).length > 0),
    'which exchange (Release)': either(({ datagrams }) =>
      messagesOf(datagrams).some(({ msgType }) => msgType === RELEASE),
    ),
    "the server's DUID": either(({ datagrams }) => shown(datagrams, SERVER_DUID).length > 0),
    "the server's certificate": either(
      ({ datagrams }) => optionsOf(datagrams, optionCodes.certificate, 'server').length > 0,
    ),
    'sizes of messages': sizes([...first.datagrams, ...second.datagrams]),
  };
}

function compare(one: readonly string[], other: readonly string[]): string {
  const [first, second] = [new Set(one), new Set(other)];
  if (first.size === 0 && second.size === 0) {
    return 'hidden';
  }
  const common = [...first].filter((value) => second.has(value)).length;
  return common === 0 && first.size > 0 && second.size > 0
    ? 'new'
    : common === first.size && common === second.size
      ? 'same'
      : 'mixed';
}

export function clientsOnly(datagrams: readonly Datagram[]): Datagram[] {
  return datagrams.filter(({ destinationPort }) => destinationPort === 547);
}

function messagesOf(datagrams: readonly Datagram[]): Message[] {
  return datagrams.map(({ payload }) => decodeMessage(payload));
}

/** The octets, in hexadecimal, where any datagram has them. */
export function shown(datagrams: readonly Datagram[], octets: Buffer): string[] {
  return datagrams.some(({ payload }) => payload.includes(octets)) ? [octets.toString('hex')] : [];
}

/** The data of each option of a code that stands in clear. */
function optionsOf(datagrams: readonly Datagram[], code: number, sender?: 'client' | 'server'): string[] {
  const sent = datagrams.filter(
    ({ destinationPort }) => sender === undefined || (destinationPort === 547) === (sender === 'client'),
  );
  return messagesOf(sent).flatMap(({ options }) =>
    options.filter((option) => option.code === code).map(({ data }) => data.toString('hex')),
  );
}

/** SubjectPublicKeyInfos of the client's that stand in clear, bare or in a certificate. */
export function clientKeys(datagrams: readonly Datagram[]): string[] {
  const certified = optionsOf(datagrams, optionCodes.certificate, 'client').map((certificate) =>
    new X509Certificate(Buffer.from(certificate, 'hex')).publicKey
      .export({ type: 'spki', format: 'der' })
      .toString('hex'),
  );
  return [...optionsOf(datagrams, optionCodes['public-key'], 'client'), ...certified];
}

export function iaidOf({ addresses: [association] }: Lease): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(association?.iaid ?? 0);
  return octets;
}

export function addressOf({ addresses: [association] }: Lease): Buffer {
  return ipv6Octets(association?.items[0]?.address ?? '::');
}

function sizes(datagrams: readonly Datagram[]): string {
  const messages = messagesOf(datagrams);
  if (messages.some(({ msgType }) => msgType === REPLY)) {
    return 'exact';
  }
  const lengths = messages
    .filter(({ msgType }) => msgType !== SOLICIT)
    .flatMap(({ options }) => findOption(options, optionCodes['encrypted-message'])?.data ?? [])
    .map((data) => decodeEnvelope(data).ciphertext.length - TAG);
  const types = new Set(messages.map(({ msgType }) => msgType));
  const isWhole = types.has(messageTypes['encrypted-query']) && types.has(messageTypes['encrypted-response']);
  return isWhole && lengths.every((length) => length % STEP === 0) ? 'steps' : 'mixed';
}
