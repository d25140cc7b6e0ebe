// SPDX-License-Identifier: MPL-2.0
import type { OctetReader } from '../octet-reader';
import type { OctetWriter } from '../octet-writer';

/**
 * Instances of class data, each preceded by its length (2), to the last octet: RFC 8415 sections 21.15, 21.16.
 * @throws DecodeError `truncated`
 */
export function readClassData(reader: OctetReader): Buffer[] {
  const instances: Buffer[] = [];
  while (!reader.atEnd) {
    instances.push(reader.counted('class data'));
  }
  return instances;
}

export function writeClassData(writer: OctetWriter, instances: readonly Buffer[], argument: string): void {
  instances.forEach((instance, index) => writer.counted(instance, `${argument}[${index}]`));
}
