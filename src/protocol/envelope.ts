// SPDX-License-Identifier: MPL-2.0

import { tagLength } from '../crypto';
import { ProtocolError } from './errors';

/** docs/protocol.md 4. */
const ENVELOPE_VERSION = 2;
export const RECIPIENT_TAG_LENGTH = 8;
export const CONTEXT_IDENTIFIER_LENGTH = 16;
/** Octets in front of enc. */
const FIXED_LENGTH = 38;

/** The fields of an envelope's header. */
export interface EnvelopeHeader {
  /** HPKE mode: 0 base, 1 psk. */
  readonly mode: number;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  /** 8 octets; zero towards a client. */
  readonly recipientTag: Buffer;
  /** 32 bits. */
  readonly sequence: number;
  /** 16 octets. */
  readonly contextIdentifier: Buffer;
  /** Empty where it is left out. */
  readonly enc: Buffer;
}

/** A parsed envelope. Buffers are views into its octets; ids, tag and the length of enc are as found: what fits is the caller's. */
export interface Envelope extends EnvelopeHeader {
  /** The octets up to and including enc, last part of the aad. */
  readonly header: Buffer;
  /** With its tag at the end. */
  readonly ciphertext: Buffer;
}

/** @throws {@link ProtocolError} `envelope-version`, or `envelope-malformed` where enc or the tag does not fit */
export function decodeEnvelope(data: Buffer): Envelope {
  if (data[0] !== ENVELOPE_VERSION) {
    throw new ProtocolError('envelope-version', `an envelope of version ${String(data[0])}`);
  }
  if (data.length < FIXED_LENGTH) {
    throw new ProtocolError('envelope-malformed', `an envelope of ${String(data.length)} octets`);
  }
  const headerLength = FIXED_LENGTH + data.readUInt16BE(36);
  if (data.length < headerLength + tagLength) {
    throw new ProtocolError(
      'envelope-malformed',
      `enc of ${String(headerLength - FIXED_LENGTH)} octets in an envelope of ${String(data.length)}`,
    );
  }
  return {
    mode: data.readUInt8(1),
    kemId: data.readUInt16BE(2),
    kdfId: data.readUInt16BE(4),
    aeadId: data.readUInt16BE(6),
    recipientTag: data.subarray(8, 8 + RECIPIENT_TAG_LENGTH),
    sequence: data.readUInt32BE(16),
    contextIdentifier: data.subarray(20, 20 + CONTEXT_IDENTIFIER_LENGTH),
    enc: data.subarray(FIXED_LENGTH, headerLength),
    header: data.subarray(0, headerLength),
    ciphertext: data.subarray(headerLength),
  };
}

/** The envelope up to and including enc. @throws RangeError for a field that does not fit its place */
export function encodeEnvelopeHeader(header: EnvelopeHeader): Buffer {
  const { recipientTag, contextIdentifier, enc } = header;
  if (
    recipientTag.length !== RECIPIENT_TAG_LENGTH ||
    contextIdentifier.length !== CONTEXT_IDENTIFIER_LENGTH
  ) {
    throw new RangeError('a recipient tag or context identifier of another length');
  }
  const octets = Buffer.allocUnsafe(FIXED_LENGTH + enc.length);
  octets.writeUInt8(ENVELOPE_VERSION, 0);
  octets.writeUInt8(header.mode, 1);
  octets.writeUInt16BE(header.kemId, 2);
  octets.writeUInt16BE(header.kdfId, 4);
  octets.writeUInt16BE(header.aeadId, 6);
  recipientTag.copy(octets, 8);
  octets.writeUInt32BE(header.sequence, 16);
  contextIdentifier.copy(octets, 20);
  octets.writeUInt16BE(enc.length, 36);
  enc.copy(octets, FIXED_LENGTH);
  return octets;
}

/**
 * The aad of an envelope (docs/protocol.md 4).
 *
 * @param firstFour msg-type and transaction-id of the outer message
 * @param serverIdentifierOption of an Encrypted-Query: its outer Server Identifier, code and length included
 * @param header the envelope's octets up to and including enc
 */
export function envelopeAad(
  firstFour: Buffer,
  serverIdentifierOption: Buffer | undefined,
  header: Buffer,
): Buffer {
  return Buffer.concat(
    serverIdentifierOption === undefined ? [firstFour, header] : [firstFour, serverIdentifierOption, header],
  );
}
