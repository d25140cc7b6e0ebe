// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { lockSync } from '../../bridge';
import { ProtocolError } from '../../protocol';
import { JsonReader, replaceFile, systemErrorCode, systemErrorText, valueText } from '../../support';
import { ClientError } from '../exchange/errors';

const keyIdPattern = /^[0-9a-f]{64}$/;
/** Milliseconds to wait for other clients, each of which reads and writes one small file. */
const MAX_LOCK_WAIT = 3000;

const duidPattern = /^(?:[0-9a-f]{2}){3,130}$/;

/** A server shows another key than before: always reported, never overridden. */
export class ServerKeyChanged extends ProtocolError {
  constructor(message: string) {
    super('authentication-fail', message);
  }
}

/** The keys of servers seen before, by DUID, in a file: trust on first use (RFC 7435). */
export class ServerPins {
  private constructor(
    private readonly file: string,
    private keys: Map<string, string>,
  ) {}

  /** A missing file counts as empty. @throws ClientError `pins-file` that names the file */
  static open(file: string): ServerPins {
    return new ServerPins(file, read(file));
  }

  /**
   * Keeps a new server's key; refuses another key of a known server. The file is shared with other clients: keys that
   * they have added after it was read count, and stay.
   * @throws ServerKeyChanged, ClientError `pins-file` if a new key cannot be kept
   */
  require(serverIdentifier: Buffer, keyId: Buffer, name: string): void {
    this.requireUnchanged(serverIdentifier, keyId, name);
    const duid = serverIdentifier.toString('hex');
    if (!this.keys.has(duid)) {
      this.inTurn(() => {
        this.keys = read(this.file);
        this.requireUnchanged(serverIdentifier, keyId, name);
        this.write(new Map(this.keys).set(duid, keyId.toString('hex')));
      });
    }
  }

  /** Refuses another key of a known server; keeps nothing. @throws ServerKeyChanged */
  requireUnchanged(serverIdentifier: Buffer, keyId: Buffer, name: string): void {
    const duid = serverIdentifier.toString('hex');
    const shown = keyId.toString('hex');
    const known = this.keys.get(duid);
    if (known !== undefined && known !== shown) {
      throw new ServerKeyChanged(
        `THE KEY OF SERVER ${duid} HAS CHANGED: ${name} shows ${shown}, ${this.file} has ${known}. ` +
          'Somebody may be posing as the server. If its key was replaced, remove the line from that file',
      );
    }
  }

  private inTurn(change: () => void): void {
    try {
      const release = lockSync(`${this.file}.lock`, MAX_LOCK_WAIT);
      try {
        change();
      } finally {
        release();
      }
    } catch (error) {
      throw error instanceof ProtocolError || error instanceof ClientError
        ? error
        : failure(this.file, 'cannot be written', error);
    }
  }

  private write(keys: Map<string, string>): void {
    replaceFile(this.file, `${JSON.stringify(Object.fromEntries(keys), undefined, 2)}\n`);
    this.keys = keys;
  }
}

function read(file: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      return new Map();
    }
    throw failure(file, 'cannot be read', error);
  }
  return parse(file, text);
}

function parse(file: string, text: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw failure(file, 'is no JSON', error);
  }
  const reader = new JsonReader(json, (text) => failure(file, `is no map of DUIDs to keys: ${text}`));
  return new Map(
    reader.members().map(([duid, key]) => {
      if (!duidPattern.test(duid)) {
        throw failure(
          file,
          `has a line that is none: ${valueText(duid)} is no DUID of 3 to 130 octets in hexadecimal`,
        );
      }
      return [duid, key.text('a SHA-256 in hexadecimal', (text) => keyIdPattern.test(text))];
    }),
  );
}

function failure(file: string, what: string, cause?: unknown): ClientError {
  const reason = cause === undefined ? '' : `: ${systemErrorText(cause)}`;
  return new ClientError('pins-file', `the file of known servers ${file} ${what}${reason}`, { cause });
}
