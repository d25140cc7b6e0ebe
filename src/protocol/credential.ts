// SPDX-License-Identifier: MPL-2.0

import type { DhcpOption } from '../dhcpv6';
import type { CodePoints } from './code-points';
import { ProtocolError } from './errors';

/** docs/protocol.md 2: at most 8 Certificate options, 16 384 octets together. */
const MAX_CERTIFICATES = 8;
const MAX_CERTIFICATE_OCTETS = 16_384;

/** What a sender shows of itself, as it came: nothing of it is checked yet. */
export type ShownCredential = ShownCertificates | { readonly kind: 'public-key'; readonly spki: Buffer };

/** DER, the end entity's first. */
export interface ShownCertificates {
  readonly kind: 'certificate';
  readonly certificates: readonly Buffer[];
}

/**
 * Takes the credential out of a message's options: Certificate option(s) or one Public Key option, never
 * both (docs/protocol.md 2); undefined when there is neither.
 *
 * @throws {@link ProtocolError} `option-repeated`, `certificates-too-many`, `credential-ambiguous`
 */
export function shownCredential(
  codePoints: CodePoints,
  options: readonly DhcpOption[],
): ShownCredential | undefined {
  const certificates: Buffer[] = [];
  let octets = 0;
  let spki: Buffer | undefined;
  for (const option of options) {
    if (option.code === codePoints.optionCodes.certificate) {
      certificates.push(option.data);
      octets += option.data.length;
    } else if (option.code === codePoints.optionCodes['public-key']) {
      if (spki !== undefined) {
        throw new ProtocolError('option-repeated', 'more than one Public Key option');
      }
      spki = option.data;
    }
  }
  if (certificates.length > MAX_CERTIFICATES || octets > MAX_CERTIFICATE_OCTETS) {
    throw new ProtocolError(
      'certificates-too-many',
      `${String(certificates.length)} Certificate options of ${String(octets)} octets`,
    );
  }
  if (spki !== undefined && certificates.length > 0) {
    throw new ProtocolError('credential-ambiguous', 'both Certificate and Public Key options');
  }
  if (spki !== undefined) {
    return { kind: 'public-key', spki };
  }
  return certificates.length > 0 ? { kind: 'certificate', certificates } : undefined;
}
