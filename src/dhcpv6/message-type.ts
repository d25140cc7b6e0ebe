// SPDX-License-Identifier: MPL-2.0

/** Message types, RFC 8415 section 7.3. */
export const MessageType = {
  Solicit: 1,
  Advertise: 2,
  Request: 3,
  Confirm: 4,
  Renew: 5,
  Rebind: 6,
  Reply: 7,
  Release: 8,
  Decline: 9,
  Reconfigure: 10,
  InformationRequest: 11,
  RelayForward: 12,
  RelayReply: 13,
} as const;

export type RelayMessageType = typeof MessageType.RelayForward | typeof MessageType.RelayReply;

export function isRelayMessageType(msgType: number | undefined): msgType is RelayMessageType {
  return msgType === MessageType.RelayForward || msgType === MessageType.RelayReply;
}
