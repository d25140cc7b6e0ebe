// SPDX-License-Identifier: MPL-2.0

import { readFileSync } from 'node:fs';
import { systemErrorCode, systemErrorText } from '../pki';
import { ProtocolError } from '../protocol';
import { ClientError } from './errors';
import { replaceFile } from './replace-file';

const keyIdPattern = /^[0-9a-f]{64}$/;
const duidPattern = /^(?:[0-9a-f]{2}){3,130}$/;

/** A server shows another key than it did before: always said loudly, never got round (docs/protocol.md 5). */
export class ServerKeyChanged extends ProtocolError {
  constructor(message: string) {
    super('authentication-fail', message);
  }
}

/** The keys of servers seen before, by DUID, in a file: trust on first use (RFC 7435, docs/protocol.md 5). */
export class ServerPins {
  private constructor(
    private readonly file: string,
    private readonly keys: Map<string, string>,
  ) {}

  /** @throws ClientError `pins-file` that names the file; one that is not there yet is empty */
  static open(file: string): ServerPins {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') {
        return new ServerPins(file, new Map());
      }
      throw failure(file, 'cannot be read', error);
    }
    return new ServerPins(file, parse(file, text));
  }

  /**
   * Keeps a new server's key; refuses another key of a known server.
   * @throws ServerKeyChanged, ClientError `pins-file` where a new key cannot be kept
   */
  require(serverIdentifier: Buffer, keyId: Buffer, name: string): void {
    this.requireUnchanged(serverIdentifier, keyId, name);
    const duid = serverIdentifier.toString('hex');
    if (!this.keys.has(duid)) {
      this.keys.set(duid, keyId.toString('hex'));
      this.write();
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

  private write(): void {
    try {
      replaceFile(this.file, `${JSON.stringify(Object.fromEntries(this.keys), undefined, 2)}\n`);
    } catch (error) {
      throw failure(this.file, 'cannot be written', error);
    }
  }
}

function parse(file: string, text: string): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw failure(file, 'is no JSON', error);
  }
  if (typeof json !== 'object' || json === null) {
    throw failure(file, 'is no map of DUIDs to keys');
  }
  return new Map(
    Object.entries(json).map(([duid, key]: [string, unknown]) => {
      if (!duidPattern.test(duid) || typeof key !== 'string' || !keyIdPattern.test(key)) {
        throw failure(file, `has a line that is none: ${JSON.stringify(duid)}`);
      }
      return [duid, key];
    }),
  );
}

function failure(file: string, what: string, cause?: unknown): ClientError {
  const reason = cause === undefined ? '' : `: ${systemErrorText(cause)}`;
  return new ClientError('pins-file', `the file of known servers ${file} ${what}${reason}`, { cause });
}
