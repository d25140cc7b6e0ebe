// SPDX-License-Identifier: MPL-2.0

import { PkiError } from './errors';

/** One block of RFC 7468. */
export interface PemBlock {
  /** What stands behind BEGIN, for instance `CERTIFICATE`. */
  readonly label: string;
  readonly der: Buffer;
  /** The line of its BEGIN, from 1. */
  readonly line: number;
  /** RFC 1421 headers, which the old encrypted private keys have: `Proc-Type: 4,ENCRYPTED`. */
  readonly headers: readonly string[];
}

const boundary = /^-----(BEGIN|END) ([!-,.-~](?:[- ]?[!-,.-~])*)-----$/;

/** A line outside the blocks that was most likely meant to be a boundary: to skip it would lose a certificate. */
const damagedBoundary = /-{4}|^\s*-*\s*(?:BEGIN|END) [A-Z]/;

const base64Line = /^[A-Za-z0-9+/]+={0,2}$/;

interface OpenBlock {
  readonly label: string;
  readonly line: number;
  readonly headers: string[];
  readonly base64: string[];
  inHeaders: boolean;
}

export function looksLikePem(octets: Buffer): boolean {
  return octets.includes('-----BEGIN ');
}

/**
 * The blocks of a PEM file in their order (RFC 7468). Text between blocks is allowed, as section 2 has it;
 * within a block and at its boundaries nothing is guessed.
 * @throws PkiError `pem-malformed`, which names the line
 */
export function parsePem(octets: Buffer, source: string): PemBlock[] {
  const refuse = (line: number, detail: string): PkiError =>
    new PkiError('pem-malformed', source, `line ${line}: ${detail}`);
  const blocks: PemBlock[] = [];
  let open: OpenBlock | undefined;
  for (const [index, text] of octets.toString('latin1').split('\n').entries()) {
    const line = index + 1;
    const content = text.trimEnd();
    const [, kind, label = ''] = boundary.exec(content) ?? [];
    if (open === undefined) {
      if (kind === 'BEGIN') {
        open = { label, line, headers: [], base64: [], inHeaders: true };
      } else if (kind === 'END') {
        throw refuse(line, `END ${label} without a BEGIN before it`);
      } else if (damagedBoundary.test(content)) {
        throw refuse(line, 'a damaged BEGIN or END line');
      }
    } else if (kind === 'END') {
      if (label !== open.label) {
        throw refuse(line, `END ${label} ends the ${open.label} that begins in line ${open.line}`);
      }
      blocks.push(closeBlock(open, refuse));
      open = undefined;
    } else if (kind === 'BEGIN') {
      throw refuse(line, `BEGIN ${label} inside the ${open.label} that begins in line ${open.line}`);
    } else {
      addLine(open, content, line, refuse);
    }
  }
  if (open !== undefined) {
    throw refuse(open.line, `the ${open.label} that begins here has no END line`);
  }
  return blocks;
}

type Refuse = (line: number, detail: string) => PkiError;

function addLine(block: OpenBlock, content: string, line: number, refuse: Refuse): void {
  if (block.inHeaders && content.includes(':')) {
    block.headers.push(content);
    return;
  }
  if (block.inHeaders && block.headers.length > 0 && content === '') {
    block.inHeaders = false;
    return;
  }
  block.inHeaders = false;
  const last = block.base64.at(-1);
  if (!base64Line.test(content) || last?.endsWith('=') === true) {
    throw refuse(line, `not base64, in the ${block.label} that begins in line ${block.line}`);
  }
  block.base64.push(content);
}

function closeBlock(block: OpenBlock, refuse: Refuse): PemBlock {
  const { label, line, headers } = block;
  const base64 = block.base64.join('');
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0) {
    throw refuse(line, `the ${label} that begins here is empty`);
  }
  // Padding and the unused bits of the last character have one right form (RFC 4648 section 3.5).
  if (der.toString('base64') !== base64) {
    throw refuse(line, `the base64 of the ${label} that begins here is cut off or padded wrongly`);
  }
  return { label, der, line, headers };
}

/** A block as RFC 7468 section 2 writes it. */
export function encodePem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
