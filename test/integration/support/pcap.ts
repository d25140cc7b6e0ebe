// SPDX-License-Identifier: MPL-2.0

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_ETHERNET = 1;

/** The octets of each frame in a pcap file (of the classic format, Ethernet). */
export function readPcap(file: Buffer): Buffer[] {
  if (file.length < 24) {
    throw new Error('a pcap file has at least its header of 24 octets');
  }
  const isKnown = (magic: number): boolean => magic === MAGIC_MICROSECONDS || magic === MAGIC_NANOSECONDS;
  const little = isKnown(file.readUInt32LE(0));
  if (!little && !isKnown(file.readUInt32BE(0))) {
    throw new Error('not a pcap file');
  }
  const uint32 = (offset: number): number => (little ? file.readUInt32LE(offset) : file.readUInt32BE(offset));
  if ((uint32(20) & 0x0fffffff) !== LINKTYPE_ETHERNET) {
    throw new Error(`link type ${uint32(20)} is not Ethernet`);
  }
  const frames: Buffer[] = [];
  let offset = 24;
  // A capture that was ended while it wrote may close with a part of a record.
  while (offset + 16 <= file.length) {
    const captured = uint32(offset + 8);
    const start = offset + 16;
    if (start + captured > file.length) {
      break;
    }
    if (captured < uint32(offset + 12)) {
      throw new Error('the capture cut a frame short');
    }
    frames.push(file.subarray(start, start + captured));
    offset = start + captured;
  }
  return frames;
}
