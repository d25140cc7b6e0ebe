// SPDX-License-Identifier: MPL-2.0

export { canonicalName } from '../bridge';
export { readCrls, readPemCertificates, readTrustAnchors } from './certificate-files';
export { type CrlDescription, describeCrl } from './crl';
export { type CertificateDescription, describeCertificate } from './describe';
export { type DescribedItem, describeFile } from './describe-file';
export { EndEntity } from './end-entity';
export { PkiError, type PkiErrorCode } from './errors';
export type { KeyUsage, SubjectAltNames } from './extensions';
export { privateKeyOf } from './keys';
export { type Identity, type IdentityRequest, loadIdentity } from './identity';
export { isDnsName, isUri } from './issue/alternative-names';
export {
  type Authority,
  type AuthorityRequest,
  createAuthority,
  createIntermediate,
  hasIssued,
  type IntermediateRequest,
  loadAuthority,
} from './issue/authority';
export {
  readCertificateRequest,
  readPublicKeyFile,
  type RequestedCertificate,
} from './issue/certificate-request-file';
export {
  createCrl,
  type CrlRequest,
  readRevocations,
  type Revocation,
  type RevocationList,
  type RevocationReason,
  revocationReasonNames,
} from './issue/crl';
export { type CertificateRequest, issueCertificate, type IssuedCertificate } from './issue/issue-certificate';
export { generateKey, type IssuedKeyType, issuedKeyTypes } from './issue/key-pair';
export { encodePem } from './pem';
export { privateKeyExposure, readPrivateKey } from './private-key-file';
export { type Purpose, type RoleProblem, roleProblem } from './role';
export { isNameless } from './nameless';
export { matchServerName } from './server-name';
export {
  loadTrustStore,
  readTrustFile,
  type TrustFiles,
  type TrustMaterial,
  TrustStore,
  type Validation,
} from './trust-store';
