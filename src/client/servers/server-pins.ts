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

/** Others are pinned, and this server is not one of them. */
export class ServerNotPinned extends ProtocolError {
  constructor(message: string) {
    super('authentication-fail', message);
  }
}

/** A server as its certificate shows it. */
export interface ShownServer {
  readonly serverIdentifier: Buffer;
  readonly keyId: Buffer;
  /** For people. */
  readonly name: string;
}

/** The keys of servers seen before on a network, by DUID, in a file: trust on first use (RFC 7435). */
export class ServerPins {
  private constructor(
    readonly file: string,
    private keys: ReadonlyMap<string, string>,
  ) {}

  /** A missing file counts as empty. @throws ClientError `pins-file` that names the file */
  static open(file: string): ServerPins {
    return new ServerPins(file, read(file));
  }

  /** DUIDs and SHA-256s of SubjectPublicKeyInfos, in hexadecimal. */
  get entries(): ReadonlyMap<string, string> {
    return this.keys;
  }

  has({ serverIdentifier }: ShownServer): boolean {
    return this.keys.has(serverIdentifier.toString('hex'));
  }

  /** Whether nothing is pinned; another client may have pinned a server since the file was read. @throws ClientError `pins-file` */
  isEmpty(): boolean {
    if (this.keys.size === 0) {
      this.keys = read(this.file);
    }
    return this.keys.size === 0;
  }

  /**
   * Keeps a new server's key; refuses another key of a known server. The file is shared with other clients: keys that
   * they have added after it was read count, and stay.
   * @param mayAdd whether a new one may be added to so many
   * @throws ServerKeyChanged, ServerNotPinned, ClientError `pins-file` if a new key cannot be kept
   */
  require(server: ShownServer, mayAdd: (pinned: number) => boolean = () => true): void {
    this.requireUnchanged(server);
    if (this.has(server)) {
      return;
    }
    this.inTurn(() => {
      this.keys = read(this.file);
      this.requireUnchanged(server);
      if (this.has(server)) {
        return;
      }
      if (!mayAdd(this.keys.size)) {
        throw this.notPinned(server);
      }
      const { serverIdentifier, keyId } = server;
      this.write(new Map(this.keys).set(serverIdentifier.toString('hex'), keyId.toString('hex')));
    });
  }

  /** Refuses another key of a known server; keeps nothing. @throws ServerKeyChanged */
  requireUnchanged({ serverIdentifier, keyId, name }: ShownServer): void {
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

  notPinned({ serverIdentifier, keyId, name }: ShownServer): ServerNotPinned {
    return new ServerNotPinned(
      `the server ${serverIdentifier.toString('hex')}, ${name} with the key ${keyId.toString('hex')}, ` +
        `is none of those that ${this.file} has`,
    );
  }

  /** @param duids in hexadecimal @returns those that there were @throws ClientError `pins-file` */
  remove(duids: readonly string[]): string[] {
    let found: string[] = [];
    this.inTurn(() => {
      const keys = new Map(read(this.file));
      found = duids.filter((duid) => keys.delete(duid));
      if (found.length > 0) {
        this.write(keys);
      }
    });
    return found;
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

  private write(keys: ReadonlyMap<string, string>): void {
    replaceFile(this.file, `${JSON.stringify(Object.fromEntries(keys), undefined, 2)}\n`);
    this.keys = keys;
  }
}

/** `always`: an authority vouches for them. `last`: where no pinned one answers. `never`, once one is pinned. */
export type NewServers = 'always' | 'last' | 'never';

/** What one exchange hears. If nothing is pinned before, it pins all that it hears: they are the first. */
export class PinContact {
  private isFirst = false;

  constructor(
    private readonly pins: ServerPins,
    private readonly newServers: NewServers,
  ) {}

  /**
   * How a server is to be used, before it has proved anything; keeps nothing.
   * @returns `new` for one to use only where no pinned one answers
   * @throws ServerKeyChanged, ServerNotPinned, ClientError `pins-file`
   */
  standing(server: ShownServer): 'known' | 'new' {
    const { pins, newServers } = this;
    pins.requireUnchanged(server);
    if (newServers === 'always' || pins.has(server) || this.isFirst || pins.isEmpty()) {
      return 'known';
    }
    if (newServers === 'last') {
      return 'new';
    }
    throw pins.notPinned(server);
  }

  /** Pins a server that has proved who it is. @throws ServerKeyChanged, ServerNotPinned, ClientError `pins-file` */
  keep(server: ShownServer): void {
    this.pins.require(server, (pinned) => {
      this.isFirst ||= pinned === 0;
      return this.isFirst || this.newServers !== 'never';
    });
  }
}

function read(file: string): ReadonlyMap<string, string> {
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

function parse(file: string, text: string): ReadonlyMap<string, string> {
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
