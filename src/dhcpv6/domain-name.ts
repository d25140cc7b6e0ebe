// SPDX-License-Identifier: MPL-2.0
import { EncodeError } from './errors';
import type { OctetReader } from './octet-reader';

/**
 * Domain names on the wire, RFC 8415 section 10: labels as in RFC 1035 section 3.1, never compressed.
 *
 * Their text is RFC 1035 section 5.1's: labels joined by dots, a final dot if the name is complete (`.` is
 * the root), `\.` and `\\` for these characters in a label, `\DDD` for an octet that is no visible ASCII
 * character. So every name has exactly one text and no octet gets lost. Case is kept.
 */

const MAX_LABEL_LENGTH = 63;
const MAX_NAME_LENGTH = 255;

function formatLabel(label: Buffer): string {
  return Array.from(label, (octet) => {
    const character = String.fromCharCode(octet);
    if (octet < 0x21 || octet > 0x7e) {
      return `\\${String(octet).padStart(3, '0')}`;
    }
    return character === '.' || character === '\\' ? `\\${character}` : character;
  }).join('');
}

function readLabels(reader: OctetReader, mayBePartial: boolean): string {
  const labels: string[] = [];
  // The octet that ends a name, also of a partial one, which gets it when it is completed.
  let nameLength = 1;
  for (;;) {
    if (mayBePartial && reader.atEnd) {
      return labels.join('.');
    }
    const at = reader.offset;
    const length = reader.uint8('label length');
    if (length === 0) {
      return `${labels.join('.')}.`;
    }
    // The two high bits are compression's, or reserved.
    if (length > MAX_LABEL_LENGTH) {
      throw reader.error('invalid-domain-name', `${length} is no label's length`, at);
    }
    nameLength += 1 + length;
    if (nameLength > MAX_NAME_LENGTH) {
      throw reader.error('invalid-domain-name', `a name longer than ${MAX_NAME_LENGTH} octets`, at);
    }
    labels.push(formatLabel(reader.take(length, 'label')));
  }
}

/** A complete name, up to and including its empty label. @throws DecodeError `invalid-domain-name`, `truncated` */
export function readDomainName(reader: OctetReader): string {
  return readLabels(reader, false);
}

/**
 * A complete name, or a partial one that extends to the last octet; no octets are the empty partial name.
 * @throws DecodeError `invalid-domain-name`, `truncated`
 */
export function readPartialDomainName(reader: OctetReader): string {
  return readLabels(reader, true);
}

/** One character of a label: an escape, or visible ASCII other than the dot and the backslash. */
const LABEL_CHARACTER = /\\(?:(?<decimal>\d{3})|(?<literal>[!-/:-~]))|(?<plain>[!-\-/-[\]-~])/y;

/** The labels as they go on the wire, without the empty one, and whether the text ends in it. */
interface ParsedName {
  readonly labels: Buffer;
  readonly complete: boolean;
}

function parseName(text: string, argument: string): ParsedName {
  const refuse = (why: string): never => {
    throw new EncodeError('invalid-domain-name', argument, `${JSON.stringify(text)}: ${why}`);
  };
  if (text === '' || text === '.') {
    return { labels: Buffer.alloc(0), complete: text === '.' };
  }
  const octets: number[] = [];
  let at = 0;
  let complete = false;
  while (at < text.length) {
    const lengthAt = octets.push(0) - 1;
    while (at < text.length && text[at] !== '.') {
      LABEL_CHARACTER.lastIndex = at;
      const match = LABEL_CHARACTER.exec(text);
      const { decimal, literal, plain } = match?.groups ?? {};
      const octet = decimal === undefined ? (literal ?? plain)?.charCodeAt(0) : Number(decimal);
      if (match === null || octet === undefined || octet > 255) {
        return refuse(`character ${at} is no visible ASCII character and no escape`);
      }
      octets.push(octet);
      at += match[0].length;
    }
    const length = octets.length - lengthAt - 1;
    if (length < 1 || length > MAX_LABEL_LENGTH) {
      return refuse(`a label of ${length} octets`);
    }
    octets[lengthAt] = length;
    complete = at < text.length;
    at += 1;
  }
  if (octets.length + 1 > MAX_NAME_LENGTH) {
    return refuse(`longer than ${MAX_NAME_LENGTH} octets`);
  }
  return { labels: Buffer.from(octets), complete };
}

const EMPTY_LABEL = Buffer.alloc(1);

/**
 * A complete name's octets; the final dot may be left out.
 *
 * @throws EncodeError `invalid-domain-name`
 */
export function encodeDomainName(text: string, argument = 'name'): Buffer {
  const { labels, complete } = parseName(text, argument);
  if (labels.length === 0 && !complete) {
    throw new EncodeError('invalid-domain-name', argument, 'an empty name');
  }
  return Buffer.concat([labels, EMPTY_LABEL]);
}

/** A name's octets, partial unless the text has its final dot. @throws EncodeError `invalid-domain-name` */
export function encodePartialDomainName(text: string, argument = 'name'): Buffer {
  const { labels, complete } = parseName(text, argument);
  return complete ? Buffer.concat([labels, EMPTY_LABEL]) : labels;
}
