// SPDX-License-Identifier: MPL-2.0

export { draftFile, type FileDraft, type FileOptions, replaceFile } from './atomic-file';
export { BoundedMap } from './bounded-map';
export { errorText, systemErrorCode, systemErrorText } from './error-text';
export { JsonReader } from './json-reader';
export { jsonText, printable, valueText } from './printable';
export { Refusal } from './refusal';
export { type Rate, TokenBucket } from './token-bucket';
export { version } from './version';
