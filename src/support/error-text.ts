// SPDX-License-Identifier: MPL-2.0

/** What an error says. By shape, since errors of Node's own modules and of addons may come from another realm. */
export function errorText(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  return hasMessage && typeof error.message === 'string' ? error.message : String(error);
}

/** For instance `ENOENT`; undefined for what is no system error. */
export function systemErrorCode(error: unknown): string | undefined {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' ? error.code : undefined;
}

/** What people call the usual errors of the system; the rest in Node's words. */
export function systemErrorText(error: unknown): string {
  switch (systemErrorCode(error)) {
    case 'ENOENT':
      return 'no such file or directory';
    case 'EACCES':
      return 'permission denied';
    case 'ENOTDIR':
      return 'a part of the path is not a directory';
    default:
      return errorText(error);
  }
}
