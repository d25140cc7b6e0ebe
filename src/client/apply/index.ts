// SPDX-License-Identifier: MPL-2.0

export { AddressApplier } from './addresses';
export { type Applier, applicableEvent } from './applier';
export { type RunCommand, runCommand } from './command';
export { DownstreamApplier, type Downstream, parseDownstream } from './downstream';
export { linkState } from './link-state';
export { ResolvconfApplier } from './resolvconf';
export { ScriptApplier } from './script';
