// SPDX-License-Identifier: MPL-2.0

import type { Signer } from '../../protocol';
import { BoundedMap } from '../../support';
import type { Transport, Way } from '../exchange/transport';
import type { KnownServer } from './known-server';
import type { Announced, ServerTrust } from './server-verifier';

/** More servers than any link has; the oldest are evicted. */
const MAX_SERVERS = 64;

/** docs/protocol.md 5.3: after so many unanswered transmissions in a row messages also go wrapped. */
export const MAX_UNANSWERED = 2;

/** What has to stay the same for what is known of a link to be used again. */
export interface LinkGround {
  /** The client's address on its link. */
  readonly transport: Transport;
  /** Who the client is. */
  readonly signer: Signer;
  /** What vouches for servers. */
  readonly trust: ServerTrust;
}

/** What a client knows of its link: its servers, their cookies, and which way messages go (docs/protocol.md 4.1, 5.3, 7). */
export class LinkMemory {
  private readonly servers = new BoundedMap<string, KnownServer>(MAX_SERVERS, (server) => {
    server.erase();
  });
  private readonly cookies: Readonly<Record<Way, BoundedMap<string, Buffer>>> = {
    plain: new BoundedMap(MAX_SERVERS),
    wrapped: new BoundedMap(MAX_SERVERS),
  };
  private readonly lastCookies: Partial<Record<Way, Buffer>> = {};
  private currentWay: Way | undefined;
  /** Whether a message has gone both ways, and none of them is answered yet. */
  private isOpen = false;

  /** The way that was answered last; before anything was, the one to begin with. */
  get way(): Way {
    return this.currentWay ?? 'plain';
  }

  /** Unless anything was answered, messages go the way that a lease of this link came (docs/protocol.md 5.3). */
  beginWith(way: Way | undefined): void {
    this.currentWay ??= way;
  }

  /**
   * The ways of a transmission: what stayed unanswered twice also goes the other way (docs/protocol.md 5.3).
   * @param unanswered transmissions before it that nobody answered
   */
  ways(unanswered: number, goesOneWay = false): readonly Way[] {
    if (goesOneWay || unanswered < MAX_UNANSWERED) {
      return [this.way];
    }
    this.isOpen = true;
    return [this.way, this.way === 'plain' ? 'wrapped' : 'plain'];
  }

  /** A server's answer has verified: of two ways the one that is answered first counts. @returns whether it is another than before */
  answered(way: Way): boolean {
    const isOther = this.isOpen && this.way !== way;
    this.currentWay = isOther ? way : this.way;
    this.isOpen = false;
    return isOther;
  }

  /** Undefined if there is none whose key lives. @param duid in hexadecimal */
  find(duid: string): KnownServer | undefined {
    const known = this.servers.get(duid);
    if (known?.isAlive === false) {
      known.erase();
      this.servers.delete(duid);
      return undefined;
    }
    return known;
  }

  /** The servers with which a context is open. */
  get open(): KnownServer[] {
    return [...this.servers.values()].filter(({ openContext }) => openContext !== undefined);
  }

  /** Keeps what a server has told, if it is later than what is known of it. */
  learn(announced: Announced, make: () => KnownServer): KnownServer {
    const duid = announced.server.serverIdentifier.toString('hex');
    const known = this.find(duid);
    if (known === undefined) {
      const made = make();
      this.servers.set(duid, made);
      return made;
    }
    if (known.isLater(announced)) {
      known.adopt(announced, false)?.query.erase();
    }
    return known;
  }

  /** The last cookie of a server that came this way; without a server, that of whichever gave one last. */
  cookie(way: Way, serverIdentifier?: Buffer): Buffer | undefined {
    return serverIdentifier === undefined
      ? this.lastCookies[way]
      : this.cookies[way].get(serverIdentifier.toString('hex'));
  }

  keepCookie(way: Way, serverIdentifier: Buffer, cookie: Buffer | undefined): void {
    if (cookie !== undefined) {
      const copy = Buffer.from(cookie);
      this.cookies[way].set(serverIdentifier.toString('hex'), copy);
      this.lastCookies[way] = copy;
    }
  }

  erase(): void {
    for (const server of this.servers.values()) {
      server.erase();
    }
  }
}

/**
 * Keeps keys, contexts and cookies of servers from one exchange to the next, for clients that follow each other on one
 * interface: a server always serves an open context, whatever others do in the client's name (docs/protocol.md 7). They are
 * erased as soon as the link, the client's address, its identity or its trust is another.
 */
export class ContextKeeper {
  private kept: { readonly ground: LinkGround; readonly memory: LinkMemory } | undefined;
  private refused: string | undefined;

  /** What is known on this ground. */
  memoryOf(ground: LinkGround): LinkMemory {
    const isSame =
      this.kept?.ground.transport === ground.transport &&
      this.kept.ground.signer === ground.signer &&
      this.kept.ground.trust === ground.trust;
    if (this.kept === undefined || !isSame) {
      this.kept?.memory.erase();
      this.kept = { ground, memory: new LinkMemory() };
    }
    return this.kept.memory;
  }

  /** The link is gone. */
  erase(): void {
    this.kept?.memory.erase();
    this.kept = undefined;
  }

  /** A server takes this DUID for another client's (docs/protocol.md 8). */
  refuseIdentity(clientIdentifier: Buffer): void {
    this.refused = clientIdentifier.toString('hex');
  }

  isRefused(clientIdentifier: Buffer): boolean {
    return this.refused === clientIdentifier.toString('hex');
  }
}
