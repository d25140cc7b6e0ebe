// SPDX-License-Identifier: MPL-2.0

/**
 * A DHCPv6 relay agent (RFC 8415 section 19) as a program of its own: it runs inside a network namespace, and
 * imports nothing of the project, so that a mistake of the codec cannot hide behind the same mistake here.
 *
 * Arguments: one JSON text, see {@link RelayOptions}. It prints `relaying` once its sockets are open.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { BlockList } from 'node:net';

export interface RelayOptions {
  /** Interface towards the clients, or towards the relay nearer to them. */
  readonly downstream: string;
  /** An address of the downstream interface that names the link: global or unique local. */
  readonly linkAddress: string;
  /** Where Relay-forward messages go: the server's or the next relay's address. */
  readonly upstreamAddress: string;
  /** Value of the Interface-Id option; without it the link-address alone finds the way back. */
  readonly interfaceId?: string;
  /** Options added before the Relay Message option: code and hexadecimal data. */
  readonly before?: readonly (readonly [code: number, data: string])[];
  /** Options added behind it. */
  readonly after?: readonly (readonly [code: number, data: string])[];
}

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
const RELAY_HEADER = 34;
const OPTION_RELAY_MESSAGE = 9;
const OPTION_INTERFACE_ID = 18;
/** RFC 8415 section 7.6. */
const HOP_COUNT_LIMIT = 8;
const SERVER_PORT = 547;
const CLIENT_PORT = 546;
const ALL_DHCP_RELAY_AGENTS_AND_SERVERS = 'ff02::1:2';
/** What a server sends to a client; a relay sees these only inside Relay-reply. */
const SERVER_MESSAGES = [2, 7, 10];

const linkLocal = new BlockList();
linkLocal.addSubnet('fe80::', 10, 'ipv6');

function octetsOf(address: string): Buffer {
  const canonical = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
  const [left = '', right] = canonical.split('::');
  const head = left.split(':').filter((group) => group !== '');
  const tail = (right ?? '').split(':').filter((group) => group !== '');
  const zeros = new Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function textOf(octets: Buffer): string {
  return (octets.toString('hex').match(/.{4}/g) ?? []).join(':');
}

function option(code: number, data: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(code, 0);
  header.writeUInt16BE(data.length, 2);
  return Buffer.concat([header, data]);
}

/** Finds an option's data in a Relay-reply; undefined also where the options are cut short. */
function optionData(message: Buffer, wanted: number): Buffer | undefined {
  let offset = RELAY_HEADER;
  while (offset + 4 <= message.length) {
    const end = offset + 4 + message.readUInt16BE(offset + 2);
    if (end > message.length) {
      return undefined;
    }
    if (message.readUInt16BE(offset) === wanted) {
      return message.subarray(offset + 4, end);
    }
    offset = end;
  }
  return undefined;
}

/** RFC 8415 sections 19.1.1 and 19.1.2; undefined where the message is to be discarded. */
export function relayForward(options: RelayOptions, message: Buffer, source: string): Buffer | undefined {
  const msgType = message[0];
  if (msgType === undefined || msgType === RELAY_REPLY || SERVER_MESSAGES.includes(msgType)) {
    return undefined;
  }
  const header = Buffer.alloc(RELAY_HEADER);
  header[0] = RELAY_FORWARD;
  if (msgType === RELAY_FORWARD) {
    const hopCount = message[1] ?? HOP_COUNT_LIMIT;
    if (hopCount >= HOP_COUNT_LIMIT) {
      return undefined;
    }
    header[1] = hopCount + 1;
  }
  // A relay nearer to the client has named the link already, unless nothing else finds the way back to it.
  if (msgType !== RELAY_FORWARD || linkLocal.check(source.replace(/%.*$/, ''), 'ipv6')) {
    octetsOf(options.linkAddress).copy(header, 2);
  }
  octetsOf(source).copy(header, 18);
  const listed = (entries: RelayOptions['before']): Buffer[] =>
    (entries ?? []).map(([code, data]) => option(code, Buffer.from(data, 'hex')));
  return Buffer.concat([
    header,
    ...listed(options.before),
    ...(options.interfaceId === undefined
      ? []
      : [option(OPTION_INTERFACE_ID, Buffer.from(options.interfaceId))]),
    option(OPTION_RELAY_MESSAGE, message),
    ...listed(options.after),
  ]);
}

/** RFC 8415 section 19.2; undefined where the reply is not for this relay's link. */
export function relayReply(
  options: RelayOptions,
  reply: Buffer,
): { readonly message: Buffer; readonly address: string; readonly port: number } | undefined {
  if (reply[0] !== RELAY_REPLY || reply.length < RELAY_HEADER) {
    return undefined;
  }
  const message = optionData(reply, OPTION_RELAY_MESSAGE);
  const interfaceId = optionData(reply, OPTION_INTERFACE_ID)?.toString();
  if (message === undefined || interfaceId !== options.interfaceId) {
    return undefined;
  }
  const peer = textOf(reply.subarray(18, RELAY_HEADER));
  return {
    message,
    address: linkLocal.check(peer, 'ipv6') ? `${peer}%${options.downstream}` : peer,
    port: message[0] === RELAY_REPLY ? SERVER_PORT : CLIENT_PORT,
  };
}

function main(options: RelayOptions): void {
  const socket = createSocket({ type: 'udp6', ipv6Only: true });
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    if (message[0] === RELAY_REPLY) {
      const reply = relayReply(options, message);
      if (reply !== undefined) {
        socket.send(reply.message, reply.port, reply.address);
      }
      return;
    }
    const forward = relayForward(options, message, from.address);
    if (forward !== undefined) {
      socket.send(forward, SERVER_PORT, options.upstreamAddress);
    }
  });
  socket.bind(SERVER_PORT, '::', () => {
    socket.addMembership(ALL_DHCP_RELAY_AGENTS_AND_SERVERS, `::%${options.downstream}`);
    process.stdout.write('relaying\n');
  });
}

if (require.main === module) {
  main(JSON.parse(process.argv[2] ?? '') as RelayOptions);
}
