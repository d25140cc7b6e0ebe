// SPDX-License-Identifier: MPL-2.0

import type { DhcpOption } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';

/** docs/protocol.md 2: at most 8 Certificate options. */
const MAX_CERTIFICATES = 8;

/** The credential of a sender, not yet verified. */
export type ShownCredential =
  | { readonly kind: 'certificate'; readonly certificates: readonly Buffer[] }
  | { readonly kind: 'public-key'; readonly spki: Buffer };

/**
 * Takes the credential out of a message's options. Certificate option(s) or one Public Key option, never
 * both (docs/protocol.md 2); undefined when there is neither.
 * @throws ProtocolError `option-repeated`, `certificates-too-many`, `credential-ambiguous`
 */
export function shownCredential(
  codePoints: CodePoints,
  options: readonly DhcpOption[],
): ShownCredential | undefined {
  const certificates: Buffer[] = [];
  let spki: Buffer | undefined;
  for (const option of options) {
    if (option.code === codePoints.optionCodes.certificate) {
      certificates.push(option.data);
    } else if (option.code === codePoints.optionCodes['public-key']) {
      if (spki !== undefined) {
        throw new ProtocolError('option-repeated', 'more than one Public Key option');
      }
      spki = option.data;
    }
  }
  if (certificates.length > MAX_CERTIFICATES) {
    throw new ProtocolError('certificates-too-many', `${String(certificates.length)} Certificate options`);
  }
  if (spki !== undefined && certificates.length > 0) {
    throw new ProtocolError('credential-ambiguous', 'both Certificate and Public Key options');
  }
  if (spki !== undefined) {
    return { kind: 'public-key', spki };
  }
  return certificates.length > 0 ? { kind: 'certificate', certificates } : undefined;
}

/** @throws ProtocolError `credential-missing`, and as {@link shownCredential} */
export function requiredCredential(codePoints: CodePoints, options: readonly DhcpOption[]): ShownCredential {
  const credential = shownCredential(codePoints, options);
  if (credential === undefined) {
    throw new ProtocolError('credential-missing', 'neither a Certificate nor a Public Key option');
  }
  return credential;
}
