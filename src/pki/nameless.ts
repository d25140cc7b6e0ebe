// SPDX-License-Identifier: MPL-2.0

import type { EndEntity } from './end-entity';

/** An empty Name, and an empty list of names. */
const emptySequence = Buffer.of(0x30, 0x00);

/** Whether subject and subjectAltName are both empty, so that the certificate names nobody. */
export function isNameless({
  subjectDer,
  subjectAltNameDer,
}: Pick<EndEntity, 'subjectDer' | 'subjectAltNameDer'>): boolean {
  return subjectDer.equals(emptySequence) && subjectAltNameDer === undefined;
}
