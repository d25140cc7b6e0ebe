// SPDX-License-Identifier: MPL-2.0

/** Milliseconds. */
const defaultLifetime = 100;

/**
 * One text for all who ask while it is made, and for a moment after: anyone who can reach the port can ask as often as they
 * like, and each text is a question to every worker.
 */
export function sharedText(render: () => Promise<string>, lifetime = defaultLifetime): () => Promise<string> {
  let last: Promise<string> | undefined;
  const forgetLater = (): void => {
    setTimeout(() => (last = undefined), lifetime).unref();
  };
  return () => {
    if (last === undefined) {
      last = render();
      last.then(forgetLater, forgetLater);
    }
    return last;
  };
}
