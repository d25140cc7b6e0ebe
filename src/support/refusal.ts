// SPDX-License-Identifier: MPL-2.0

/**
 * An error that says what is wrong with somebody else's octets. It has no stack: nobody reads where it was thrown, and a
 * flood makes some thousands of them a second.
 */
export class Refusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = limit;
  }
}
