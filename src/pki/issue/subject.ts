// SPDX-License-Identifier: MPL-2.0

import { PkiError } from '../errors';
import { type JsonAttributeAndObjectValue, type JsonAttributeObject, Name } from '../x509';

/** Attribute types by name and, as RFC 5280 appendix A.1 has them, the most characters of a value. */
const attributeTypes: Readonly<Record<string, number>> = {
  CN: 64,
  O: 64,
  OU: 64,
  L: 128,
  ST: 128,
  C: 2,
  DC: 63,
  E: 255,
};

const source = 'subject';
/** Arcs as ITU-T X.660 has them, of a size that all software reads. */
const oid = /^(?:[01]\.[1-3]?\d|2\.(?:0|[1-9]\d{0,8}))(?:\.(?:0|[1-9]\d{0,8}))*$/;

/**
 * A distinguished name from text such as `CN=DHCP server, O=Example\, Inc.`: type and value pairs in the order in
 * which the certificate is to have them, separated by commas (by `+` within one part), a backslash before a
 * character that would be taken for a separator. Text that is empty is the empty name.
 * @throws PkiError `invalid-argument`
 */
export function parseSubject(text: string): Name {
  const name: Attribute[][] = [];
  let joins = false;
  for (const { value: part, separator } of splitParts(text)) {
    const attribute = parseAttribute(part, text);
    const last = name.at(-1);
    if (joins && last !== undefined) {
      if (last.some(([type]) => type === attribute[0])) {
        throw new PkiError('invalid-argument', source, `"${text}": ${attribute[0]} twice in one part`);
      }
      last.push(attribute);
    } else {
      name.push([attribute]);
    }
    joins = separator === '+';
  }
  return new Name(name.map(relativeName));
}

type Attribute = readonly [type: string, value: JsonAttributeObject];

/** A set: DER sorts its elements by their encodings (ITU-T X.690 section 11.6). */
function relativeName(attributes: readonly Attribute[]): JsonAttributeAndObjectValue {
  const encoded = ([type, value]: Attribute) => Buffer.from(new Name([{ [type]: [value] }]).toArrayBuffer());
  const sorted = attributes.toSorted((a, b) => encoded(a).compare(encoded(b)));
  return Object.fromEntries(sorted.map(([type, value]) => [type, [value]]));
}

function characterCount(text: string): number {
  return Array.from(text).length;
}

interface Part {
  readonly value: string;
  readonly separator: string;
}

/** Cuts at commas and plus signs without a backslash before them; backslashes stay. */
function splitParts(text: string): Part[] {
  if (text.trim() === '') {
    return [];
  }
  const parts: Part[] = [];
  let value = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\') {
      value += text.slice(at, at + 2);
      at += 1;
    } else if (character === ',' || character === '+') {
      parts.push({ value, separator: character });
      value = '';
    } else {
      value += character;
    }
  }
  parts.push({ value, separator: '' });
  return parts;
}

function parseAttribute(part: string, text: string): Attribute {
  const equals = part.indexOf('=');
  const type = part.slice(0, Math.max(equals, 0)).trim();
  const name = type.toUpperCase();
  const maxLength = attributeTypes[name];
  if (maxLength === undefined && !oid.test(type)) {
    throw new PkiError(
      'invalid-argument',
      source,
      `"${text}": "${part.trim()}" is not TYPE=VALUE with one of the types ${Object.keys(attributeTypes).join(', ')} or an object identifier`,
    );
  }
  const value = unescapeValue(part.slice(equals + 1));
  if (value === '' || characterCount(value) > (maxLength ?? 255)) {
    throw new PkiError(
      'invalid-argument',
      source,
      `"${text}": the value of ${type} must have 1 to ${maxLength ?? 255} characters`,
    );
  }
  return [maxLength === undefined ? type : name, encodeValue(name, value, text)];
}

function unescapeValue(raw: string): string {
  const leading = raw.trimStart();
  // An escaped space at the end belongs to the value.
  const trimmed = /\\ *$/.test(leading) ? leading.replace(/(\\ ) *$/, '$1') : leading.trimEnd();
  return trimmed.replace(/\\(.)/gu, '$1');
}

/** The string types of RFC 5280 section 4.1.2.4 and appendix A.1. */
function encodeValue(name: string, value: string, text: string): JsonAttributeObject {
  if (name === 'C') {
    if (!/^[A-Za-z]{2}$/.test(value)) {
      throw new PkiError('invalid-argument', source, `"${text}": C is a country's code of two letters`);
    }
    return { printableString: value.toUpperCase() };
  }
  if (name === 'DC' || name === 'E') {
    if (!/^[\x20-\x7e]*$/.test(value)) {
      throw new PkiError('invalid-argument', source, `"${text}": ${name} must be ASCII`);
    }
    return { ia5String: value };
  }
  return { utf8String: value };
}
