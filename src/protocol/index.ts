// SPDX-License-Identifier: MPL-2.0

export * from './code-points';
export { COOKIE_LENGTH, CookieKeys, type CookieSource } from './cookie';
export { shownCredential, type ShownCredential } from './credential';
export * from './encrypted-request';
export { ProtocolError, type ProtocolErrorCode, protocolErrorCodes } from './errors';
export { HpkeMode, KemId } from '../crypto';
export { chosenKem, kemForQuery, usableKey, withUsableKey } from './kem-choice';
export { type EncryptionKey, UNLIMITED_LIFETIME } from './options';
export * from './server-answer';
export {
  type MessageProof,
  requestDigest,
  requireMessageSignature,
  type Shown,
  type SignedMessage,
  type Signer,
} from './signed-message';
export {
  encodeSignedInner,
  type QueryBinding,
  type QueryProof,
  type QuerySigning,
  readQueryProof,
  requireQuerySignature,
} from './opening-query';
export {
  decodeEncryptedQuery,
  encodeEncryptedResponse,
  type EncryptedQuery,
  firstFourOf,
} from './encrypted-query';
export { CONTEXT_IDENTIFIER_LENGTH, type Envelope } from './envelope';
export {
  queryInfo,
  recipientTag,
  RESPONSE_PSK_LENGTH,
  responseInfo,
  responsePskContext,
} from './hpke-labels';
export {
  type InnerMessage,
  innerOptions,
  type InnerRelay,
  isClientMessage,
  readInnerQuery,
} from './inner-message';
export {
  decodeLiteralMessage,
  encodeLiteralAnswer,
  hasQueryProof,
  isLiteralMessage,
  type LiteralAnswer,
  type LiteralQueryProof,
  readLiteralQueryProof,
  requireLiteralSignature,
} from './literal';
export { optionalData, ProtocolOptions, readCookie } from './options';
export { openSignedResponse, QueryContext, type QueryRecipient, type SolicitKeys } from './query-context';
export { openingEnvelope, receivedSuite, ReceivingContext } from './receiving-context';
export { SealingContext } from './sealing-context';
