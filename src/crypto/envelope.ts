// SPDX-License-Identifier: MPL-2.0

import { tagLength } from './aead';
import { CryptoError } from './errors';
import type { Suite } from './suite';

const version = 1;
const recipientTagLength = 8;
const fixedLength = 22;
const MAX_UINT8 = 0xff;
const MAX_UINT16 = 0xffff;
const MAX_UINT32 = 0xffffffff;

/** The fields of an envelope's header (docs/protocol.md 4). */
export interface EnvelopeHeader {
  /** HPKE mode: 0 base, 1 psk. */
  readonly mode: number;
  readonly suite: Suite;
  /** 8 octets; zero towards a client. */
  readonly recipientTag: Buffer;
  /** 32 bits. */
  readonly sequence: number;
  readonly enc: Buffer;
}

/** A parsed envelope. Buffers are views into its octets; mode, ids and tag are as found: what fits is the caller's. */
export interface Envelope {
  readonly version: number;
  readonly mode: number;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  readonly recipientTag: Buffer;
  readonly sequence: number;
  readonly enc: Buffer;
  /** The octets up to and including enc, last part of the aad. */
  readonly header: Buffer;
  /** With its tag at the end. */
  readonly ciphertext: Buffer;
}

/** @throws CryptoError `envelope-version`, or `envelope-malformed` if enc or the tag does not fit */
export function parseEnvelope(data: Buffer): Envelope {
  if (data.length === 0 || data[0] !== version) {
    throw new CryptoError(
      'envelope-version',
      data.length === 0 ? 'an empty envelope' : `version ${data.readUInt8(0)}`,
    );
  }
  if (data.length < fixedLength) {
    throw new CryptoError('envelope-malformed', `an envelope of ${data.length} octets`);
  }
  const encLength = data.readUInt16BE(20);
  const headerLength = fixedLength + encLength;
  if (encLength === 0 || data.length < headerLength + tagLength) {
    throw new CryptoError(
      'envelope-malformed',
      `enc of ${encLength} octets in an envelope of ${data.length}`,
    );
  }
  return {
    version,
    mode: data.readUInt8(1),
    kemId: data.readUInt16BE(2),
    kdfId: data.readUInt16BE(4),
    aeadId: data.readUInt16BE(6),
    recipientTag: data.subarray(8, 8 + recipientTagLength),
    sequence: data.readUInt32BE(16),
    enc: data.subarray(fixedLength, headerLength),
    header: data.subarray(0, headerLength),
    ciphertext: data.subarray(headerLength),
  };
}

/**
 * The envelope up to and including enc.
 * @throws CryptoError `envelope-malformed` for a field that does not fit its place
 */
export function encodeEnvelopeHeader(header: EnvelopeHeader): Buffer {
  const { mode, suite, recipientTag, sequence, enc } = header;
  requireUnsigned('HPKE mode', mode, 0, MAX_UINT8);
  requireUnsigned('kem_id', suite.kemId, 0, MAX_UINT16);
  requireUnsigned('kdf_id', suite.kdfId, 0, MAX_UINT16);
  requireUnsigned('aead_id', suite.aeadId, 0, MAX_UINT16);
  requireUnsigned('length of the recipient tag', recipientTag.length, recipientTagLength, recipientTagLength);
  requireUnsigned('sequence number', sequence, 0, MAX_UINT32);
  requireUnsigned('length of enc', enc.length, 1, MAX_UINT16);
  const octets = Buffer.allocUnsafe(fixedLength + enc.length);
  octets.writeUInt8(version, 0);
  octets.writeUInt8(mode, 1);
  octets.writeUInt16BE(suite.kemId, 2);
  octets.writeUInt16BE(suite.kdfId, 4);
  octets.writeUInt16BE(suite.aeadId, 6);
  recipientTag.copy(octets, 8);
  octets.writeUInt32BE(sequence, 16);
  octets.writeUInt16BE(enc.length, 20);
  enc.copy(octets, fixedLength);
  return octets;
}

function requireUnsigned(field: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new CryptoError('envelope-malformed', `${field} ${value}`);
  }
}

const firstFourLength = 4;

/**
 * The aad of an envelope (docs/protocol.md 4).
 *
 * @param outerFirstFour msg-type and transaction-id of the outer message
 * @param serverIdentifierOption the outer Server Identifier, code and length included, if there is one
 * @param header the envelope's octets up to and including enc
 */
export function envelopeAad(
  outerFirstFour: Buffer,
  serverIdentifierOption: Buffer | undefined,
  header: Buffer,
): Buffer {
  if (outerFirstFour.length !== firstFourLength) {
    throw new CryptoError('aad-malformed', `${outerFirstFour.length} octets of the outer message, not 4`);
  }
  return Buffer.concat([outerFirstFour, serverIdentifierOption ?? Buffer.alloc(0), header]);
}
