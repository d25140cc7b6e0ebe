// SPDX-License-Identifier: MPL-2.0

export { type AuthenticationMessage, decodeAuthentication, requireMessageSignature } from './authentication';
export * from './code-points';
export { CookieKeys, type CookieSource } from './cookie';
export { requiredCredential, shownCredential, type ShownCredential } from './credential';
export { decodeEncryptedQuery, type EncryptedQuery } from './encrypted-query';
export {
  decodeEncryptedReply,
  encodeEncryptedReply,
  encryptedReplyLength,
  type EncryptedReply,
  type ReportedStatus,
} from './encrypted-reply';
export { decodeClientAuthentication, encodeEncryptedRequest } from './encrypted-request';
export { encodeEncryptedResponse, encodeSignedResponse } from './encrypted-response';
export { ProtocolError, type ProtocolErrorCode, protocolErrorCodes } from './errors';
export {
  HpkeMode,
  queryInfo,
  responseInfo,
  responsePskContext,
  responsePskId,
  responsePskLength,
} from './hpke-info';
export { type InnerMessage, readInnerQuery } from './inner-message';
export {
  type QueryProof,
  type QuerySigning,
  readQueryProof,
  readWholeQueryProof,
  requireQuerySignature,
} from './opening-query';
export { optionalData } from './options';
export { QuerySender } from './query-sender';
export { openingEnvelope, ReceivingContext } from './receiving';
export { receiverSuite } from './receiver-suite';
export type { SealingContext } from './sealing';
export { decodeSignedResponse, openSignedResponse } from './signed-response';
export { encodeSolicit } from './solicit';
export { type SignedCodePoints, signedOctets } from './signed-octets';
export type { Signer } from './signer';
