// SPDX-License-Identifier: MPL-2.0

import { TimestampSource } from '../client';
import { deriveDuid, RecipientPrivateKey } from '../crypto';
import { OptionCode, OptionRequestOption, makeOption } from '../dhcpv6';
import { type Authority, generateKey, type IssuedKeyType, issueCertificate } from '../pki';
import { defaultCodePoints, type Signer } from '../protocol';
import { CleartextConversation } from './cleartext-conversation';
import type { Conversation } from './conversation';
import { EncryptedConversation } from './encrypted-conversation';
import { emptyAssociation, SimulatedClient } from './simulated-client';
import type { Transactions } from './transactions';

export interface LoadClientOptions {
  readonly solution: 'A' | 'B';
  readonly keyType: IssuedKeyType;
  /** Certifies the clients; without one they show bare keys. */
  readonly authority: Authority | undefined;
  /** Number of the first client; runs with different ranges have different clients. */
  readonly first: number;
  /** See EncryptedConversationOptions. */
  readonly showsCredential: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const certificateDays = 7;
const asked = makeOption(OptionRequestOption, [OptionCode.DnsServers, OptionCode.DomainList]);

async function createSigner(client: number, options: LoadClientOptions): Promise<Signer> {
  const { authority, keyType, now } = options;
  const { privateKey, spki } = await generateKey(keyType);
  const key = RecipientPrivateKey.fromKeyObject(privateKey);
  if (authority === undefined) {
    return { key, chain: [] };
  }
  const issued = await issueCertificate({
    authority,
    purpose: 'client',
    subject: `CN=load-${String(client)}`,
    key: spki,
    days: certificateDays,
    now: now(),
  });
  return { key, chain: [issued.certificate, ...(authority.isRoot ? [] : authority.chain)] };
}

/** A cleartext client: a DUID-LL (RFC 8415 section 11.4) of Ethernet with a locally administered address. */
function createCleartextClient(client: number, transactions: Transactions): SimulatedClient {
  const duid = Buffer.from('000300010200', 'hex');
  const number = Buffer.alloc(4);
  number.writeUInt32BE(client);
  return new SimulatedClient(
    client,
    Buffer.concat([duid, number]),
    new CleartextConversation(client, transactions),
  );
}

async function createEncryptedClient(
  client: number,
  transactions: Transactions,
  options: LoadClientOptions,
): Promise<SimulatedClient> {
  const signer = await createSigner(client, options);
  const timestamps = new TimestampSource(options.now);
  const conversation: Conversation = new EncryptedConversation(client, transactions, {
    codePoints: defaultCodePoints,
    solution: options.solution,
    signer,
    solicitOptions: [asked, emptyAssociation(client)],
    timestamp: () => timestamps.next(),
    showsCredential: options.showsCredential,
  });
  return new SimulatedClient(client, deriveDuid(signer.key.public.spki), conversation);
}

/**
 * Makes the clients: keys, certificates, state.
 * @param count how many
 * @param cleartextShare the part of them that speak in clear, 0 to 1
 */
export async function createLoadClients(
  count: number,
  cleartextShare: number,
  transactions: Transactions,
  options: LoadClientOptions,
): Promise<SimulatedClient[]> {
  const clients: SimulatedClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = options.first + index;
    // Spread evenly: the number of cleartext clients among the first n is always about n × share.
    const isCleartext = Math.floor((index + 1) * cleartextShare) > Math.floor(index * cleartextShare);
    clients.push(
      isCleartext
        ? createCleartextClient(client, transactions)
        : await createEncryptedClient(client, transactions, options),
    );
  }
  return clients;
}
