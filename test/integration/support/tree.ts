// SPDX-License-Identifier: MPL-2.0
import { join, resolve } from 'node:path';

/**
 * The build under test: the project's own, or the one that KEA_ENCRYPTION_TREE names, which is laid out in the same
 * way (native/sanitized.sh). What is loaded from it may need a sanitizer's runtime before everything else:
 * KEA_ENCRYPTION_PRELOAD.
 */
const root = resolve(process.env['KEA_ENCRYPTION_TREE'] ?? join(__dirname, '../../..'));
const preload = process.env['KEA_ENCRYPTION_PRELOAD'];

export const tree = {
  hook: join(root, 'build/hook/libdhcp_encryption.so'),
  /** The command `kea-encryption`, for Node.js to run. */
  cli: join(root, 'dist/cli/main.js'),
  /** Whether the build is slowed down by sanitizers. */
  isSanitized: preload !== undefined,
  /** For every process that loads the hook or the addon. */
  preload,
} as const;
