// SPDX-License-Identifier: MPL-2.0
import { EncodeError } from '../errors';
import { OctetReader } from '../octet-reader';
import { OctetWriter } from '../octet-writer';
import { OptionCode } from '../option-code';
import type { OptionCodec } from '../option-codec';
import { readClassData, writeClassData } from './class-data';

/** RFC 8415 section 21.15: the classes of which a client is a member, one or more. */
export const UserClassOption: OptionCodec<readonly Buffer[]> = {
  code: OptionCode.UserClass,
  decode(data) {
    const reader = new OctetReader(data, 'User Class');
    if (reader.atEnd) {
      throw reader.error('truncated', 'no user class data');
    }
    return readClassData(reader);
  },
  encode(classes) {
    if (classes.length === 0) {
      throw new EncodeError('wrong-length', 'classes', 'none; a User Class option has one or more');
    }
    const writer = new OctetWriter();
    writeClassData(writer, classes, 'classes');
    return writer.finish();
  },
};
