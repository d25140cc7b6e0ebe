// SPDX-License-Identifier: MPL-2.0

export { tagLength } from './aead';
export { RecipientContext, SenderContext } from './context';
export { CryptoError, type CryptoErrorCode } from './errors';
export type {
  EphemeralInput,
  EphemeralKeyMaterial,
  EphemeralSecret,
  EphemeralSeed,
} from './kem/ephemeral-input';
export type {
  DecapsulationKey,
  EncapsulationKey,
  Kem,
  KemName,
  KemPrivateKey,
  KemPublicKey,
  RandomOctets,
} from './kem/kem';
export { kemById, kems, senderSuite } from './kem/kems';
export { deriveDuid, keyIdentifier } from './key-identifier';
export { Mode as HpkeMode } from './key-schedule';
export { padPlaintext, unpadPlaintext } from './padding';
export { type ExternalSigner, RecipientPrivateKey } from './recipient-private-key';
export { RecipientPublicKey } from './recipient-public-key';
export { ReplayWindow } from './replay-window';
export { type SenderSetup, setupBaseR, setupBaseS, setupPskR, setupPskS } from './setup';
export {
  ContextSignatureAlgorithm,
  contextSignatureAlgorithmFor,
  HashAlgorithm,
  sign,
  SignatureAlgorithm,
  signatureAlgorithmFor,
  type SignatureChoice,
  type SignatureContext,
  signInContext,
  verify,
  verifyInContext,
} from './signature';
export { AeadId, KdfId, KemId, type KeyType, type Suite, suiteFor } from './suite';
export {
  decodeTimestamp,
  encodeTimestamp,
  ntpFromUnixMilliseconds,
  ntpFromUnixNanoseconds,
  unixMillisecondsFromNtp,
} from './timestamp';
export {
  type AcceptedTimestamp,
  checkTimestamp,
  type TimestampCheckInput,
  type TimestampRules,
  type TimestampVerdict,
} from './timestamp-check';
export { wipe } from './wipe';
