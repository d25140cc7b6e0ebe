// SPDX-License-Identifier: MPL-2.0
import { type Compiled, compiledFor } from '../../support/compiled';

const programs = 'test/engine/key-table/programs';
const rooms = ['support', 'bridge', 'dhcpv6', 'crypto', 'engine/packet', 'engine/key-table'];

/** The key table and the programs of its tests as JavaScript, for the tests of a file. */
export function compileKeyTable(): Compiled & { readonly verifier: string } {
  const { program } = compiledFor(programs, ...rooms.map((room) => `src/${room}`));
  return {
    verifier: program('src/engine/key-table/verify-process.ts'),
    program: (name) => program(`${programs}/${name}.ts`),
  };
}
