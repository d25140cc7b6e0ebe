// SPDX-License-Identifier: MPL-2.0
import { MessageType } from '../message-type';
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';

/** What a server may make a client send. */
export type ReconfigureMessageType =
  typeof MessageType.Renew | typeof MessageType.Rebind | typeof MessageType.InformationRequest;

function isReconfigureMessageType(msgType: number): msgType is ReconfigureMessageType {
  return (
    msgType === MessageType.Renew ||
    msgType === MessageType.Rebind ||
    msgType === MessageType.InformationRequest
  );
}

/** RFC 8415 section 21.19: msg-type (1). */
export const ReconfigureMessageOption: OptionCodec<ReconfigureMessageType> = {
  code: OptionCode.ReconfigureMessage,
  decode(data) {
    const reader = new OctetReader(data, 'Reconfigure Message');
    const msgType = reader.uint8('msg-type');
    if (!isReconfigureMessageType(msgType)) {
      throw reader.error('invalid-value', `msg-type ${msgType}`, 0);
    }
    reader.finish();
    return msgType;
  },
  encode(msgType) {
    return new OctetWriter().uint8(msgType, 'msgType').finish();
  },
};
