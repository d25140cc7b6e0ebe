// SPDX-License-Identifier: MPL-2.0

import { createHash } from 'node:crypto';
import { describeCertificate, describeCrl } from '../../pki';
import { version } from '../../support';
import { bufferOf, type WorkerMaterial } from '../clients/server-material';
import { briefText } from '../packet/brief-text';
import { CommandArguments } from './arguments';
import type { CommandHandler } from './command';
import { timeText } from './texts';

/** CRLs that the answer shows; it has to fit in a frame. */
const MAX_CRLS = 100;

/** `encryption-status`: what runs, with which certificate, and how much it holds. */
export const encryptionStatus: CommandHandler = async ({ table, ask, service, now }, json) => {
  new CommandArguments(json, []);
  const { solution, workers, started, material } = service();
  const answers = await ask({ topic: 'counts' });
  return {
    result: 0,
    text: 'encryption is in service',
    arguments: {
      version: version(),
      solution,
      engine: { pid: process.pid, workers, uptime: Math.floor((now() - started) / 1000) },
      keys: table().size,
      contexts: answers.reduce((total, { contexts }) => total + contexts, 0),
      // Each worker hears of every failure, so all of them know the same sources.
      'blocked-sources': Math.max(0, ...answers.map(({ blocked }) => blocked)),
      certificate: certificate(material),
      crls: material.trust.crls.slice(0, MAX_CRLS).map((crl) => crlAge(bufferOf(crl), now())),
    },
  };
};

/** `encryption-reload`: reads certificates, keys, trust anchors, intermediates and CRLs anew, all or none. */
export const encryptionReload: CommandHandler = async (context, parameters) => {
  new CommandArguments(parameters, []);
  const outcome = await context.reload();
  return outcome.accepted
    ? { result: 0, text: outcome.text, arguments: outcome.counts }
    : { result: 1, text: outcome.text };
};

function certificate({ identity }: WorkerMaterial): object {
  const der = bufferOf(identity.chain[0] ?? new Uint8Array());
  const { subject, issuer, notAfter, key } = describeCertificate(der, 'certificate');
  return {
    subject: briefText(subject),
    issuer: briefText(issuer),
    'not-after': timeText(notAfter.getTime()),
    'key-sha256': key?.keyId.toString('hex'),
    sha256: createHash('sha256').update(der).digest('hex'),
  };
}

/** Ages in seconds. */
function crlAge(der: Buffer, now: number): object {
  const { issuer, thisUpdate, nextUpdate } = describeCrl(der, 'crl');
  return {
    issuer: briefText(issuer),
    'this-update': timeText(thisUpdate.getTime()),
    age: Math.floor((now - thisUpdate.getTime()) / 1000),
    ...(nextUpdate !== undefined && {
      'next-update': timeText(nextUpdate.getTime()),
      outdated: nextUpdate.getTime() < now,
    }),
  };
}
