// SPDX-License-Identifier: MPL-2.0

import type { DropReason } from '../../../src/engine/packet/drop-reasons';
import { hex, keyVectors, vectors } from '../../crypto/support/vectors';
import { timeOf, VectorEngine } from '../support/vector-engine';

interface AuthenticateCase {
  readonly case: string;
  readonly solution: 'A' | 'B';
  readonly client: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
}

interface RefuseCase {
  readonly case: string;
  readonly server: string;
  readonly client: string;
  readonly server_identifier: string;
  readonly now: string;
  readonly message: string;
  readonly accept: boolean;
}

const authenticate = vectors('protocol/authenticate.json') as { readonly cases: AuthenticateCase[] };
const refuse = vectors('protocol/refuse.json') as { readonly cases: RefuseCase[] };

/** What the cases of authenticate.json are dropped for. */
const authenticateRefusals: Readonly<Record<string, DropReason>> = {
  'Client Identifier': 'client-identifier-present',
  'timestamp 300 s old': 'timestamp-fail',
  'timestamp 300 s ahead': 'timestamp-fail',
  'two Timestamps': 'option-repeated',
  'no Timestamp': 'option-missing',
  'Timestamp of 7 octets': 'option-length',
  'Certificate and Public Key': 'credential-ambiguous',
  'no credential': 'credential-missing',
  'nine Certificates': 'certificates-too-many',
  'Certificate with a trailing octet': 'credential-invalid',
  "a server's certificate": 'authentication-fail',
  'intermediate missing': 'authentication-fail',
  'signed by another key': 'signature-fail',
  'transaction-id altered': 'signature-fail',
  'option appended after signing': 'signature-fail',
  'HA-id altered': 'signature-fail',
  truncated: 'malformed',
};

/** What the cases of refuse.json are dropped for. */
const refuseRefusals: Readonly<Record<string, DropReason>> = {
  'version 2': 'envelope-version',
  'mode 1': 'envelope-mode',
  'recipient tag zero': 'recipient-unknown',
  'aead_id 4': 'envelope-suite',
  'kem_id X25519': 'envelope-suite',
  'kdf_id of HKDF-SHA512, consistently': 'envelope-suite',
  'length of enc too large': 'envelope-open-fail',
  'ciphertext bit flipped': 'envelope-open-fail',
  'other Server Identifier': 'server-identifier-mismatch',
  'Client Identifier outside': 'option-unexpected',
  'unknown option outside': 'option-unexpected',
  'two Encrypted-Messages': 'option-repeated',
  'inner transaction-id': 'inner-transaction-id',
  'inner Reply': 'inner-message-type',
  'inner length overruns': 'inner-malformed',
  'inner length one too small': 'inner-malformed',
  'inner Server Identifier of another server': 'inner-server-identifier',
  unsigned: 'query-unsigned',
  'Key Identifier and Timestamp, no Signature': 'query-unsigned',
  'two Key Identifiers': 'option-repeated',
  'two Timestamps': 'option-repeated',
  'Key Identifier of another key than the credential inside': 'key-identifier-mismatch',
  'timestamp 301 s old': 'timestamp-fail',
  'signature without aad': 'signature-fail',
  'signature without prefix': 'signature-fail',
  'signed by another key': 'signature-fail',
  'derived Client Identifier of another key': 'client-identifier-bound',
};

/** Of a case that is dropped after its timestamp has been recorded, a copy is dropped for that. */
const refusalsOfCopies: Readonly<Record<string, DropReason>> = {
  'derived Client Identifier of another key': 'timestamp-fail',
};

/** The other key of "signed by another key" is one of P-256: no algorithm of its signature is an RSA client's. */
function refusalOf(
  refusals: Readonly<Record<string, DropReason>>,
  { case: name, client }: { readonly case: string; readonly client: string },
): { action: 'drop'; reason: DropReason | undefined } {
  const isOtherType = name === 'signed by another key' && client === 'client-RSA-2048';
  return { action: 'drop', reason: isOtherType ? 'algorithm-not-supported' : refusals[name] };
}

const serverIdentifier = hex('0003000186734fd7564b');

test.each(authenticate.cases)('$case (solution $solution, $client)', async (vector) => {
  const { solution } = vector;
  const engine = new VectorEngine({ server: 'server-P-256', serverIdentifier, policy: { solution } });
  engine.now = timeOf(vector.now);
  const verdict = await engine.receive(hex(vector.message));
  const accepted = { action: solution === 'A' ? 'reply' : 'replace' };
  expect(verdict).toMatchObject(vector.accept ? accepted : refusalOf(authenticateRefusals, vector));
  await engine.close();
});

test.each(refuse.cases)('$case ($client to $server)', async (vector) => {
  const engine = new VectorEngine({
    server: vector.server,
    serverIdentifier: hex(vector.server_identifier),
  });
  engine.now = timeOf(vector.now);
  // Every client's key is known: what another one derives is that one's (docs/protocol.md 8).
  Object.keys(keyVectors).forEach((name) => {
    engine.remember(name);
  });
  const verdict = await engine.receive(hex(vector.message));
  const refusal = refusalOf(refuseRefusals, vector);
  expect(verdict).toMatchObject(vector.accept ? { action: 'replace' } : refusal);
  // What was refused has opened no context: only a served query can be a replay.
  const again = await engine.receive(hex(vector.message));
  const reason = vector.accept ? 'replayed' : (refusalsOfCopies[vector.case] ?? refusal.reason);
  expect(again).toMatchObject({ action: 'drop', reason });
  await engine.close();
});
