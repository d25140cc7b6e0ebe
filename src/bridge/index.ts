// SPDX-License-Identifier: MPL-2.0

/** The addon kea_hooks_bridge: the channel between hook and engine, strict DER, path validation, OpenSSL for src/crypto. */
export { canonicalName } from './canonical-name';
export {
  Channel,
  type ChannelHandlers,
  type ChannelVerdict,
  frameText,
  type InboundFrame,
  noReason,
} from './channel';
export { checkDer, type DerElement, DerError, DerReader, Tag } from './der';
export { type EcPrivateKey, ecPrivateKey, type EcPublicKey, ecPublicKey, x25519PrivateKey } from './ec-keys';
export { Listener, type ListenerHandlers, type Peer } from './listener';
export {
  hasMlKem,
  type MlKemPrivateKey,
  mlKemPrivateKey,
  type MlKemPublicKey,
  mlKemPublicKey,
} from './ml-kem';
export { type CloseReason, type Gathered } from './native';
export { type PathRule } from './path-rules';
export { PathStore, type PathStoreMaterial } from './path-store';
export { lock, lockSync, LockTimeoutError } from './file-lock';
export { closeDescriptor, lockDescriptor } from './descriptors';
export { forbidCoreDumps, userId } from './process';
export { aeadDecrypt, aeadEncrypt, type AeadName, hmac } from './symmetric';
export { type PathOptions, type PathRequest, type PathResult, verifyPath } from './verify-path';
