// SPDX-License-Identifier: MPL-2.0

export { AddressApplier } from './addresses';
export type { Applier } from './applier';
export { type RunCommand, runCommand } from './command';
export { DownstreamApplier, type Downstream, parseDownstream } from './downstream';
export { isLinkUp } from './link-state';
export { ResolvconfApplier } from './resolvconf';
export { ScriptApplier } from './script';
