// SPDX-License-Identifier: MPL-2.0

import type { Command } from 'commander';
import { registerInit } from './pki/init';
import { registerIntermediate } from './pki/intermediate';
import { registerIssue, registerIssueFor } from './pki/issue';
import { registerCrl, registerRevoke } from './pki/revoke';
import { registerShow } from './pki/show';
import { registerVerify } from './pki/verify';

/** `kea-encryption pki`: a small certification authority, and the inspection of certificates. */
export function registerPkiCommand(program: Command): void {
  const pki = program
    .command('pki')
    .description('make and inspect keys, certificates and revocation lists')
    .addHelpText(
      'after',
      `
Example: an authority, a server and a client
  kea-encryption pki init --directory ./pki
  kea-encryption pki server --directory ./pki --name dhcp.example.net --out server
  kea-encryption pki client --directory ./pki --name laptop.example.net --out laptop
  kea-encryption pki verify --purpose server --trust-anchors ./pki/ca.pem server.pem`,
    );
  registerInit(pki);
  registerIntermediate(pki);
  registerIssueFor(pki, 'server');
  registerIssueFor(pki, 'client');
  registerIssue(pki);
  registerRevoke(pki);
  registerCrl(pki);
  registerShow(pki);
  registerVerify(pki);
}
