// SPDX-License-Identifier: MPL-2.0

export { KeyTableError, type KeyTableErrorCode } from './errors';
export { directoryExposure } from './files';
export { KeyTable, type KeyTableEntry, type KeyTableOptions } from './key-table';
export { type Preparation, prepareKeyTable } from './prepare';
