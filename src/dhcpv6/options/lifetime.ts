// SPDX-License-Identifier: MPL-2.0

/** As T1, T2, a lifetime or a refresh time: infinity, RFC 8415 section 7.7. */
export const INFINITY = 0xffffffff;
