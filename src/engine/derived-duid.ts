// SPDX-License-Identifier: MPL-2.0

const duidUuidType = 4;
const duidUuidLength = 18;

/** Whether a DUID has the form of docs/protocol.md 5: a DUID-UUID (RFC 6355) of version 8, variant 10. */
export function isDerivedDuid(duid: Buffer): boolean {
  return (
    duid.length === duidUuidLength &&
    duid.readUInt16BE(0) === duidUuidType &&
    duid.readUInt8(8) >> 4 === 8 &&
    duid.readUInt8(10) >> 6 === 2
  );
}
