// SPDX-License-Identifier: MPL-2.0

import { type Message, MessageType, readOption, StatusCode, StatusCodeOption } from '../dhcpv6';

export interface ReplyStatus {
  readonly code: number;
  readonly message: string;
}

/** The status of a message as a whole; Success where it has none (RFC 8415 section 21.13). @throws DecodeError */
export function statusOf({ options }: Message): ReplyStatus {
  return readOption(options, StatusCodeOption) ?? { code: StatusCode.Success, message: '' };
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
