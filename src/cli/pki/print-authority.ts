// SPDX-License-Identifier: MPL-2.0

import { type Authority, describeCertificate } from '../../pki';
import type { AuthorityDirectory } from './authority-directory';
import { print, printJson, resultLines, timeText } from '../print';

export function printAuthority(authority: Authority, directory: AuthorityDirectory, json: boolean): void {
  const { subject, serial, notAfter } = describeCertificate(authority.fields.der, directory.certificate);
  const result = {
    certificate: directory.certificate,
    privateKey: directory.privateKey,
    subject,
    serial,
    notAfter: timeText(notAfter),
  };
  if (json) {
    printJson(result);
  } else {
    print(...resultLines(result));
  }
}
