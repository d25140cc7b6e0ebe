// SPDX-License-Identifier: MPL-2.0

import { findOption, type Message, MessageType, OptionCode, StatusCode } from '../../dhcpv6';

export interface ReplyStatus {
  readonly code: number;
  readonly message: string;
}

/** Octets of a status-code. */
const CODE_LENGTH = 2;

/**
 * The status of a message as a whole, of an association, or of what is in one; Success where there is none (RFC 8415
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
 * Whether a status is about associations of one kind, wherever a server puts it: those of the other kind count all the
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
 * Whether a Reply leaves its question open, so that the client sends it again as if nobody had answered (RFC 8415 section
 * 18.2.10): UseMulticast, for it is sent by multicast already; and to a Confirm or an Information-request whatever says
 * neither yes nor no, as UnspecFail. Retransmission limits how often and how long that is done.
 */
export function isQuestionOpen(question: number, { code }: ReplyStatus): boolean {
  switch (question) {
    case MessageType.Confirm:
      return code !== StatusCode.Success && code !== StatusCode.NotOnLink;
    case MessageType.InformationRequest:
      return code !== StatusCode.Success;
    default:
      return code === StatusCode.UseMulticast;
  }
}
