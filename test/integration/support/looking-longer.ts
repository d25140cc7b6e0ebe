// SPDX-License-Identifier: MPL-2.0

/** Seconds that a client looks for a server which it is not to get: at first, and where the machine was too slow. */
const [BRIEFLY, ...LONGER] = [2, 10, 60];

/**
 * Has a client that is to be refused, or to go on in clear, look for a server for a short time, and for a longer one where
 * it has not come as far as it has to in that.
 *
 * @param attempt - is given further arguments of `kea-encryption client`
 */
export async function lookingLonger<Outcome>(
  attempt: (more: readonly string[]) => Promise<Outcome>,
  isFarEnough: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  const timeout = (seconds: number | undefined): readonly string[] => ['--timeout', String(seconds)];
  let outcome = await attempt(timeout(BRIEFLY));
  for (const seconds of LONGER) {
    if (!isFarEnough(outcome)) {
      outcome = await attempt(timeout(seconds));
    }
  }
  return outcome;
}
