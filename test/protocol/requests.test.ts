// SPDX-License-Identifier: MPL-2.0

/**
 * What a client asks with (docs/protocol.md 3), octet by octet where the signature is deterministic, by the known answers
 * of test/vectors/protocol: cookie.json, exchange.json and, for what is refused by its form, authenticate.json.
 */
import { decodeMessage } from '../../src/dhcpv6';
import {
  addressedTo,
  decodeEncryptedRequest,
  decodeServerAnswer,
  decodeSolicit,
  defaultCodePoints,
  encodeEncryptedReply,
  encodeEncryptedRequest,
  encodeReportingResponse,
  encodeRetry,
  encodeSolicit,
  type ProtocolError,
  requestDigest,
  requireMessageSignature,
  type SignedAnswer,
} from '../../src/protocol';
import { hex, vectors } from '../crypto/support/vectors';
import { keyOf, namedSigner } from './support/known-answers';

interface Flow {
  readonly server: string;
  readonly client: string;
  readonly kem_list: readonly number[];
  readonly announcement: string;
  readonly solution_a: { readonly encrypted_request: string; readonly encrypted_reply: string };
  readonly shown: {
    readonly encrypted_request: string;
    readonly with_cookie: string;
    readonly encrypted_reply: string;
  };
  readonly retry: {
    readonly retry: string;
    readonly encrypted_request: string;
    readonly encrypted_reply: string;
  };
  readonly timestamp_fail: { readonly encrypted_request: string; readonly report: string };
  readonly proof_fails: { readonly report: string; readonly report_in_solution_b: string };
  readonly solution_b: {
    readonly solicit: string;
    readonly request_digest: string;
    readonly encrypted_response: string;
    readonly private: {
      readonly solicit: string;
      readonly retry: string;
      readonly solicit_with_cookie: string;
    };
  };
}

const { flows } = vectors('protocol/exchange.json') as { flows: readonly Flow[] };
const codePoints = defaultCodePoints;

/** Signatures of RSA keys are deterministic, so that the whole message comes out the same. */
function expectSame(octets: Buffer, expected: Buffer, signer: string): void {
  expect(octets.length).toBe(expected.length);
  if (signer.includes('RSA')) {
    expect(octets.toString('hex')).toBe(expected.toString('hex'));
  }
}

describe.each(flows.map((flow) => [`${flow.client} asks ${flow.server}`, flow] as const))('%s', (_, flow) => {
  const server = namedSigner(flow.server);
  const client = namedSigner(flow.client);

  test('by a plain Encrypted-Request', () => {
    const octets = hex(flow.solution_a.encrypted_request);
    const { message, kemList, cookie, proof } = decodeEncryptedRequest(codePoints, octets);
    expect(proof).toBeUndefined();
    expect(kemList).toEqual(flow.kem_list);
    expect(
      encodeEncryptedRequest(codePoints, { transactionId: message.transactionId, kemList, cookie }),
    ).toEqual(octets);
  });

  test.each(['encrypted_request', 'with_cookie'] as const)('by a shown request: %s', (name) => {
    const octets = hex(flow.shown[name]);
    const request = decodeEncryptedRequest(codePoints, octets);
    const { message, kemList, cookie, proof } = request;
    requireMessageSignature(codePoints, 'client', { ...request, ...proof! }, keyOf(proof!.credential));
    const shown = { signer: client, timestamp: proof!.timestamp };
    const again = encodeEncryptedRequest(
      codePoints,
      { transactionId: message.transactionId, kemList, cookie },
      shown,
    );
    expectSame(again, octets, flow.client);
  });

  test('and is answered by the announcement', () => {
    const { transactionId } = decodeMessage(hex(flow.solution_a.encrypted_request));
    const reply = hex(flow.solution_a.encrypted_reply);
    const answer = decodeServerAnswer(codePoints, 'encrypted-reply', reply) as SignedAnswer;
    expect(answer.kind).toBe('announcement');
    expect(addressedTo(codePoints, hex(flow.announcement), transactionId, answer.cookie)).toEqual(reply);
    expectSame(encodeEncryptedReply(codePoints, server, answer), hex(flow.announcement), flow.server);
    requireMessageSignature(codePoints, 'server', answer, keyOf(answer.credential));
  });

  test('or by a Retry', () => {
    const octets = hex(flow.retry.retry);
    const retry = decodeServerAnswer(codePoints, 'encrypted-reply', octets);
    expect(retry.kind).toBe('retry');
    const { transactionId } = retry.message;
    expect(
      encodeRetry(codePoints, 'encrypted-reply', transactionId, retry.serverIdentifier, retry.cookie!),
    ).toEqual(octets);
    expect(decodeEncryptedRequest(codePoints, hex(flow.retry.encrypted_request)).cookie).toEqual(
      retry.cookie,
    );
  });

  test('or by a report, bound to the request', () => {
    const octets = hex(flow.timestamp_fail.report);
    const report = decodeServerAnswer(codePoints, 'encrypted-reply', octets) as SignedAnswer;
    expect(report.kind).toBe('report');
    expect(report.status?.code).toBe(codePoints.statusCodes['timestamp-fail']);
    expect(report.requestDigest).toEqual(requestDigest(hex(flow.timestamp_fail.encrypted_request)));
    requireMessageSignature(codePoints, 'server', report, keyOf(report.credential));
    const told = { status: report.status!, requestDigest: report.requestDigest! };
    const again = encodeEncryptedReply(codePoints, server, report, told);
    expectSame(
      addressedTo(codePoints, again, report.message.transactionId, report.cookie),
      octets,
      flow.server,
    );
  });

  test('or, in solution B, by a report in an Encrypted-Response', () => {
    const octets = hex(flow.proof_fails.report_in_solution_b);
    const report = decodeServerAnswer(codePoints, 'encrypted-response', octets) as SignedAnswer;
    expect(report.kind).toBe('report');
    requireMessageSignature(codePoints, 'server', report, keyOf(report.credential));
    const told = { status: report.status!, requestDigest: report.requestDigest! };
    const { transactionId } = report.message;
    const again = encodeReportingResponse(codePoints, server, transactionId, report, told, report.cookie);
    expectSame(again, octets, flow.server);
  });

  test('or begins with a Solicit of solution B', () => {
    const octets = hex(flow.solution_b.solicit);
    const solicit = decodeSolicit(codePoints, octets);
    requireMessageSignature(codePoints, 'client', solicit, keyOf(solicit.credential));
    expect(requestDigest(octets)).toEqual(hex(flow.solution_b.request_digest));
    const { message, kemList, cookie, encryptionKey, timestamp } = solicit;
    const ours = new Set(Object.values<number>(codePoints.optionCodes));
    const options = message.options.filter(({ code }) => !ours.has(code));
    const again = encodeSolicit(
      codePoints,
      { transactionId: message.transactionId, kemList, cookie, encryptionKey, options },
      { signer: client, timestamp },
    );
    expectSame(again, octets, flow.client);
    const response = hex(flow.solution_b.encrypted_response);
    const answer = decodeServerAnswer(codePoints, 'encrypted-response', response) as SignedAnswer;
    expect(answer.kind).toBe('response');
    expect(answer.requestDigest).toEqual(requestDigest(octets));
    requireMessageSignature(codePoints, 'server', answer, keyOf(answer.credential));
  });

  test('whose sender may stay private, and comes back with the cookie', () => {
    const { solicit, retry, solicit_with_cookie } = flow.solution_b.private;
    expect(decodeSolicit(codePoints, hex(solicit)).credential.kind).toBe('public-key');
    const answer = decodeServerAnswer(codePoints, 'encrypted-response', hex(retry));
    expect(answer.kind).toBe('retry');
    expect(decodeSolicit(codePoints, hex(solicit_with_cookie)).cookie).toEqual(answer.cookie);
  });
});

describe('cookie.json', () => {
  interface Padded {
    readonly case: string;
    readonly cookie: string;
    readonly padding: number | null;
    readonly octets: number;
    readonly message: string;
  }
  interface RetryCase {
    readonly answers: 'an Encrypted-Request' | 'a query or a Solicit';
    readonly transaction_id: string;
    readonly server_identifier: string;
    readonly cookie: string;
    readonly message: string;
  }
  const { requests, solicits, retries } = vectors('protocol/cookie.json') as {
    readonly requests: readonly Padded[];
    readonly solicits: readonly (Padded & { readonly client: string })[];
    readonly retries: readonly RetryCase[];
  };
  const paddingOf = (octets: Buffer): number | undefined =>
    decodeMessage(octets).options.find(({ code }) => code === codePoints.optionCodes.padding)?.data.length;

  test.each(requests)('a request is padded: $case', (vector) => {
    const octets = hex(vector.message);
    const { message, kemList, cookie, proof } = decodeEncryptedRequest(codePoints, octets);
    expect(octets.length).toBe(vector.octets);
    expect(cookie?.toString('hex') ?? '').toBe(vector.cookie);
    expect(paddingOf(octets)).toBe(vector.padding ?? undefined);
    if (proof === undefined) {
      const again = encodeEncryptedRequest(codePoints, {
        transactionId: message.transactionId,
        kemList,
        cookie,
      });
      expect(again.equals(octets)).toBe(vector.case !== 'Padding that is not zero');
      expect(again.length).toBe(vector.octets);
    }
  });

  test.each(solicits)('a Solicit is padded: $case', (vector) => {
    const octets = hex(vector.message);
    const { message, kemList, cookie, encryptionKey, timestamp, credential } = decodeSolicit(
      codePoints,
      octets,
    );
    expect(cookie?.toString('hex') ?? '').toBe(vector.cookie);
    expect(paddingOf(octets)).toBe(vector.padding ?? undefined);
    const { key, chain } = namedSigner(vector.client);
    const ours = new Set(Object.values<number>(codePoints.optionCodes));
    const again = encodeSolicit(
      codePoints,
      {
        transactionId: message.transactionId,
        kemList,
        cookie,
        encryptionKey,
        options: message.options.filter(({ code }) => !ours.has(code)),
      },
      { signer: { key, chain: credential.kind === 'certificate' ? chain : [] }, timestamp },
    );
    expect([again.length, paddingOf(again)]).toEqual([vector.octets, vector.padding ?? undefined]);
  });

  test.each(retries)('a Retry to $answers with the cookie $cookie', (vector) => {
    const msgType = vector.answers === 'an Encrypted-Request' ? 'encrypted-reply' : 'encrypted-response';
    const octets = encodeRetry(
      codePoints,
      msgType,
      hex(vector.transaction_id).readUIntBE(0, 3),
      hex(vector.server_identifier),
      hex(vector.cookie),
    );
    expect(octets.toString('hex')).toBe(vector.message);
    expect(decodeServerAnswer(codePoints, msgType, octets)).toMatchObject({
      kind: 'retry',
      cookie: hex(vector.cookie),
    });
  });
});

describe('the form of a request', () => {
  interface Judged {
    readonly case: string;
    readonly solution: 'A' | 'B';
    readonly client: string;
    readonly message: string;
    readonly accept: boolean;
  }
  const { cases } = vectors('protocol/authenticate.json') as { cases: readonly Judged[] };
  const decoders = { A: decodeEncryptedRequest, B: decodeSolicit };
  const refused = new Map<string, string>();

  test.each(
    cases
      .filter(({ accept }) => accept)
      .map((each) => [`${each.solution} ${each.client} ${each.case}`, each] as const),
  )('accepted: %s', (_, { solution, message }) => {
    const decode = decoders[solution];
    expect(() => decode(codePoints, hex(message))).not.toThrow();
  });

  test('refused, each by its reason', () => {
    for (const { solution, accept, message, case: title } of cases) {
      if (!accept) {
        try {
          decoders[solution](codePoints, hex(message));
        } catch (error) {
          refused.set(`${solution} ${title}`, (error as ProtocolError).code);
        }
      }
    }
    expect(Object.fromEntries(refused)).toMatchInlineSnapshot(`
     {
       "A Certificate and Public Key": "credential-ambiguous",
       "A Client Identifier": "client-identifier-present",
       "A KEM List empty": "option-length",
       "A KEM List of 17": "option-length",
       "A KEM List of 3 octets": "option-length",
       "A Timestamp of 7 octets": "option-length",
       "A a Client Identifier, in a plain request": "client-identifier-present",
       "A nine Certificates": "certificates-too-many",
       "A no KEM List": "option-missing",
       "A no Timestamp": "option-missing",
       "A no credential": "credential-missing",
       "A plain with a Certificate alone": "option-missing",
       "A plain with a Public Key alone": "option-missing",
       "A plain with a Signature alone": "credential-missing",
       "A plain with a Timestamp": "credential-missing",
       "A plain, KEM List empty": "option-length",
       "A plain, KEM List of 3 octets": "option-length",
       "A plain, no KEM List": "option-missing",
       "A plain, two KEM Lists": "option-repeated",
       "A truncated": "malformed",
       "A two Cookies": "option-repeated",
       "A two KEM Lists": "option-repeated",
       "A two Timestamps": "option-repeated",
       "B Certificate and Public Key": "credential-ambiguous",
       "B Client Identifier": "client-identifier-present",
       "B KEM List empty": "option-length",
       "B KEM List of 17": "option-length",
       "B KEM List of 3 octets": "option-length",
       "B Timestamp of 7 octets": "option-length",
       "B neither Encryption Key nor KEM List": "option-missing",
       "B nine Certificates": "certificates-too-many",
       "B no Encryption Key": "option-missing",
       "B no KEM List": "option-missing",
       "B no Timestamp": "option-missing",
       "B no credential": "credential-missing",
       "B truncated": "malformed",
       "B two Cookies": "option-repeated",
       "B two Encryption Keys": "option-repeated",
       "B two KEM Lists": "option-repeated",
       "B two Timestamps": "option-repeated",
     }
    `);
  });
});
