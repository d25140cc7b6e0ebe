// SPDX-License-Identifier: MPL-2.0

import { tagLength } from './aead';
import { CryptoError } from './errors';
import { kems } from './kem/kems';
import { Mode } from './key-schedule';
import { AeadId, KdfId, KemId, type Suite } from './suite';

const version = 2;
const recipientTagLength = 8;
const contextIdentifierLength = 16;
const fixedLength = 38;
const MAX_UINT16 = 0xffff;
const MAX_UINT32 = 0xffffffff;

/** Places of the fields (docs/protocol.md 4). */
const at = {
  version: 0,
  mode: 1,
  kemId: 2,
  kdfId: 4,
  aeadId: 6,
  recipientTag: 8,
  sequence: 16,
  contextIdentifier: 20,
  encLength: 36,
} as const;

/** The fields of an envelope's header. */
export interface EnvelopeFields {
  /** HPKE mode: 0 base, 1 psk. */
  readonly mode: number;
  readonly suite: Suite;
  /** 8 octets; zero towards a client. */
  readonly recipientTag: Buffer;
  /** 32 bits. */
  readonly sequence: number;
  /** 16 octets. */
  readonly contextIdentifier: Buffer;
  /** Empty where the receiver knows the context. */
  readonly enc: Buffer;
}

/** A decoded envelope. Its Buffers are views into what it was decoded from. */
export interface DecodedEnvelope extends EnvelopeFields {
  /** The octets up to and including enc, last part of the aad. */
  readonly header: Buffer;
  /** With its tag at the end. */
  readonly ciphertext: Buffer;
}

interface KemRule {
  readonly kdfId: number;
  /** Octets of enc; undefined where the key decides. */
  readonly Nenc: number | undefined;
}

/** The KEMs of docs/protocol.md 4, section 9's RSA included. */
const rules: ReadonlyMap<number, KemRule> = new Map<number, KemRule>([
  ...kems.map(({ kemId, kdfId, Nenc }): [number, KemRule] => [kemId, { kdfId, Nenc }]),
  [KemId.Rsa, { kdfId: KdfId.HkdfSha256, Nenc: undefined }],
]);

const aeadIds: ReadonlySet<number> = new Set(Object.values(AeadId));

/**
 * Decodes the whole of `data`. The length of enc is the KEM's to refuse (`decap`), because that counts as a failure where
 * the key is known, and only there.
 *
 * @throws CryptoError `envelope-version`; `envelope-mode`; `algorithm-not-supported` for a KEM that is unknown, a KDF
 *   that is not the KEM's or an unknown AEAD; `envelope-malformed` where enc overruns or the ciphertext has no tag
 */
export function decodeEnvelope(data: Buffer): DecodedEnvelope {
  if (data[at.version] !== version) {
    const found = data.length === 0 ? 'an empty envelope' : `version ${data.readUInt8(at.version)}`;
    throw new CryptoError('envelope-version', found);
  }
  if (data.length < fixedLength) {
    throw new CryptoError('envelope-malformed', `an envelope of ${data.length} octets`);
  }
  const mode = data.readUInt8(at.mode);
  requireMode(mode);
  const suite = {
    kemId: data.readUInt16BE(at.kemId),
    kdfId: data.readUInt16BE(at.kdfId),
    aeadId: data.readUInt16BE(at.aeadId),
  };
  ruleFor(suite);
  const encLength = data.readUInt16BE(at.encLength);
  const headerLength = fixedLength + encLength;
  const ciphertext = data.subarray(headerLength);
  if (ciphertext.length < tagLength) {
    throw new CryptoError(
      'envelope-malformed',
      `enc of ${encLength} octets in an envelope of ${data.length}`,
    );
  }
  return {
    mode,
    suite,
    recipientTag: data.subarray(at.recipientTag, at.recipientTag + recipientTagLength),
    sequence: data.readUInt32BE(at.sequence),
    contextIdentifier: data.subarray(at.contextIdentifier, at.contextIdentifier + contextIdentifierLength),
    enc: data.subarray(fixedLength, headerLength),
    header: data.subarray(0, headerLength),
    ciphertext,
  };
}

/**
 * The envelope up to and including enc.
 * @throws CryptoError `envelope-mode`, `algorithm-not-supported`, or `envelope-malformed` for a field that does not fit
 */
export function envelopeHeader(fields: EnvelopeFields): Buffer {
  const { mode, suite, recipientTag, sequence, contextIdentifier, enc } = fields;
  requireMode(mode);
  const { Nenc = enc.length } = ruleFor(suite);
  requireFit('recipient tag', recipientTag.length === recipientTagLength);
  requireFit('sequence number', Number.isInteger(sequence) && sequence >= 0 && sequence <= MAX_UINT32);
  requireFit('context identifier', contextIdentifier.length === contextIdentifierLength);
  requireFit('enc', enc.length === 0 || (enc.length === Nenc && enc.length <= MAX_UINT16));
  const octets = Buffer.allocUnsafe(fixedLength + enc.length);
  octets.writeUInt8(version, at.version);
  octets.writeUInt8(mode, at.mode);
  octets.writeUInt16BE(suite.kemId, at.kemId);
  octets.writeUInt16BE(suite.kdfId, at.kdfId);
  octets.writeUInt16BE(suite.aeadId, at.aeadId);
  recipientTag.copy(octets, at.recipientTag);
  octets.writeUInt32BE(sequence, at.sequence);
  contextIdentifier.copy(octets, at.contextIdentifier);
  octets.writeUInt16BE(enc.length, at.encLength);
  enc.copy(octets, fixedLength);
  return octets;
}

/**
 * The whole envelope.
 * @param header of `envelopeHeader`
 * @throws CryptoError `envelope-malformed` for a ciphertext without its tag
 */
export function encodeEnvelope(header: Buffer, ciphertext: Buffer): Buffer {
  requireFit('ciphertext', ciphertext.length >= tagLength);
  return Buffer.concat([header, ciphertext]);
}

function requireMode(mode: number): void {
  if (mode !== Mode.Base && mode !== Mode.Psk) {
    throw new CryptoError('envelope-mode', `HPKE mode ${mode}`);
  }
}

function ruleFor({ kemId, kdfId, aeadId }: Suite): KemRule {
  const rule = rules.get(kemId);
  if (rule?.kdfId !== kdfId || !aeadIds.has(aeadId)) {
    const ids = [kemId, kdfId, aeadId].map((id) => `0x${id.toString(16).padStart(4, '0')}`);
    throw new CryptoError('algorithm-not-supported', `kem_id, kdf_id, aead_id ${ids.join(', ')}`);
  }
  return rule;
}

function requireFit(field: string, fits: boolean): void {
  if (!fits) {
    throw new CryptoError('envelope-malformed', `the ${field} does not fit`);
  }
}
