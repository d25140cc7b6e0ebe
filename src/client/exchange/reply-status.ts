// SPDX-License-Identifier: MPL-2.0

import { findOption, type Message, MessageType, OptionCode, StatusCode } from '../../dhcpv6';

export interface ReplyStatus {
  readonly code: number;
  readonly message: string;
}

/** Octets of a status-code. */
const CODE_LENGTH = 2;

/**
 * The status of a message as a whole, of an association, or of what is in one; Success if there is none (RFC 8415
 * section 21.13). An option too short for a code says nothing, and of a text that is not UTF-8 is shown what can be:
 * neither takes anything from what is beside it.
 */
export function statusOf({ options }: Pick<Message, 'options'>): ReplyStatus {
  const data = findOption(options, OptionCode.StatusCode)?.data;
  return data === undefined || data.length < CODE_LENGTH
    ? { code: StatusCode.Success, message: '' }
    : { code: data.readUInt16BE(0), message: data.toString('utf8', CODE_LENGTH) };
}

/**
 * Whether a status is about associations of one kind, at whatever level a server puts it: those of the other kind count all the
 * same (RFC 8415 section 18.2.10.1 leaves each association its own status).
 */
export function isOfOneKind({ code }: ReplyStatus): boolean {
  return code === StatusCode.NoAddrsAvail || code === StatusCode.NoPrefixAvail;
}

/** For people: which server says what. */
export function statusText(serverName: string, { code, message }: ReplyStatus): string {
  const name = Object.entries(StatusCode).find(([, known]) => known === code)?.[0];
  const status = name === undefined ? `status ${code}` : `status ${code} (${name})`;
  return `the server ${serverName} answered with ${status}${message && `: ${message}`}`;
}

/**
 * Whether a Reply leaves the transaction open, so that the client retransmits as if there were no answer (RFC 8415 section
 * 18.2.10): UseMulticast, as the message is multicast already; and to a Confirm or an Information-request any status that
 * says neither yes nor no, such as UnspecFail. Retransmission bounds how often and how long.
 * @param msgType of the client's message
 */
export function leavesTransactionOpen(msgType: number, { code }: ReplyStatus): boolean {
  switch (msgType) {
    case MessageType.Confirm:
      return code !== StatusCode.Success && code !== StatusCode.NotOnLink;
    case MessageType.InformationRequest:
      return code !== StatusCode.Success;
    default:
      return code === StatusCode.UseMulticast;
  }
}
