// SPDX-License-Identifier: MPL-2.0

/** What a subnet demands of its clients, from nothing to a certificate. */
export const modes = ['off', 'optional', 'encrypted', 'authenticated'] as const;

export type Mode = (typeof modes)[number];
