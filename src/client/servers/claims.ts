// SPDX-License-Identifier: MPL-2.0

import { formatDuid } from '../../dhcpv6';
import { EndEntity, PkiError } from '../../pki';
import { ProtocolError, type SignedAnswer } from '../../protocol';

/**
 * Adds to a refusal which server the message claims to be from, and with which certificate.
 * @throws ProtocolError of `check`
 */
export function naming<Value>({ credential, serverIdentifier }: SignedAnswer, check: () => Value): Value {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ProtocolError)) {
      throw error;
    }
    const endEntity = readEndEntity(credential.certificates);
    const subject = endEntity instanceof EndEntity ? endEntity.subject : '';
    const claims = [
      `server ${formatDuid(serverIdentifier)}`,
      ...(subject === '' || error.message.includes(subject) ? [] : [`certificate of ${subject}`]),
    ].join(', ');
    throw new ProtocolError(error.code, `${claims}: ${error.message}`, { cause: error });
  }
}

/** The first certificate is the end entity's (docs/protocol.md 2). */
export function readEndEntity([der = Buffer.alloc(0)]: readonly Buffer[]): EndEntity | PkiError {
  try {
    return EndEntity.parse(Buffer.from(der));
  } catch (error) {
    if (error instanceof PkiError) {
      return error;
    }
    throw error;
  }
}
