// SPDX-License-Identifier: MPL-2.0

/** The numbers that IANA has not assigned: settings, by the names of docs/protocol.md 1. */
export interface CodePoints {
  readonly messageTypes: Readonly<Record<EncryptedMessageName, number>>;
  readonly optionCodes: Readonly<Record<EncryptionOptionName, number>>;
  readonly statusCodes: Readonly<Record<EncryptionStatusName, number>>;
}

export type EncryptedMessageName =
  'encrypted-query' | 'encrypted-response' | 'encrypted-request' | 'encrypted-reply';

export type EncryptionOptionName =
  | 'public-key'
  | 'certificate'
  | 'signature'
  | 'timestamp'
  | 'encrypted-message'
  | 'key-identifier'
  | 'encryption-key'
  | 'request-digest'
  | 'kem-list'
  | 'cookie'
  | 'padding';

export type EncryptionStatusName =
  | 'algorithm-not-supported'
  | 'authentication-fail'
  | 'timestamp-fail'
  | 'signature-fail'
  | 'identity-refused';

export type CodePointGroup = keyof CodePoints;

/** docs/protocol.md 1. */
export const defaultCodePoints: CodePoints = {
  messageTypes: {
    'encrypted-query': 251,
    'encrypted-response': 252,
    'encrypted-request': 253,
    'encrypted-reply': 254,
  },
  optionCodes: {
    'public-key': 701,
    certificate: 702,
    signature: 703,
    timestamp: 704,
    'encrypted-message': 705,
    'key-identifier': 706,
    'encryption-key': 707,
    'request-digest': 708,
    'kem-list': 709,
    cookie: 710,
    padding: 711,
  },
  statusCodes: {
    'algorithm-not-supported': 705,
    'authentication-fail': 706,
    'timestamp-fail': 707,
    'signature-fail': 708,
    'identity-refused': 709,
  },
};

/**
 * The numbers that may be used: those that IANA has assigned mean something else to Kea, to relays and to
 * clients. Assigned are, in RFC 8415 and in what came after it, the message types up to 37 (RFC 9686), the
 * option codes up to 148 (RFC 9686) and the status codes up to 22 (RFC 8156).
 */
export const codePointRanges: Readonly<
  Record<CodePointGroup, { readonly lowest: number; readonly highest: number }>
> = {
  messageTypes: { lowest: 38, highest: 0xff },
  optionCodes: { lowest: 149, highest: 0xffff },
  statusCodes: { lowest: 23, highest: 0xffff },
};

/** Some of the numbers, to take the place of others. */
export interface CodePointOverrides {
  readonly messageTypes?: Partial<CodePoints['messageTypes']>;
  readonly optionCodes?: Partial<CodePoints['optionCodes']>;
  readonly statusCodes?: Partial<CodePoints['statusCodes']>;
}

/** What is wrong with one number. */
export interface CodePointProblem {
  readonly code: 'out-of-range' | 'duplicate';
  readonly group: CodePointGroup;
  readonly name: string;
  readonly value: number;
  /** The name that has the same number, of a duplicate. */
  readonly other?: string;
}

export function overrideCodePoints(overrides: CodePointOverrides, base = defaultCodePoints): CodePoints {
  return {
    messageTypes: { ...base.messageTypes, ...overrides.messageTypes },
    optionCodes: { ...base.optionCodes, ...overrides.optionCodes },
    statusCodes: { ...base.statusCodes, ...overrides.statusCodes },
  };
}

/** Every number that is out of its range, or given twice within its group. */
export function codePointProblems(codePoints: CodePoints): CodePointProblem[] {
  return [
    ...groupProblems('messageTypes', codePoints.messageTypes),
    ...groupProblems('optionCodes', codePoints.optionCodes),
    ...groupProblems('statusCodes', codePoints.statusCodes),
  ];
}

function groupProblems(group: CodePointGroup, codes: Readonly<Record<string, number>>): CodePointProblem[] {
  const { lowest, highest } = codePointRanges[group];
  const names = new Map<number, string>();
  const problems: CodePointProblem[] = [];
  for (const [name, value] of Object.entries(codes)) {
    if (!Number.isInteger(value) || value < lowest || value > highest) {
      problems.push({ code: 'out-of-range', group, name, value });
    }
    const other = names.get(value);
    if (other !== undefined) {
      problems.push({ code: 'duplicate', group, name, value, other });
    }
    names.set(value, name);
  }
  return problems;
}
