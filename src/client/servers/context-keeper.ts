// SPDX-License-Identifier: MPL-2.0

import type { QuerySender, Signer } from '../../protocol';
import type { AuthenticatedServer, ServerTrust } from './server-verifier';
import type { Transport } from '../exchange/transport';

/** A context in which a response has been verified, so that the server knows it (docs/protocol.md 4.3). */
export interface OpenContext {
  readonly server: AuthenticatedServer;
  readonly sender: QuerySender;
}

/** What has to stay the same for a context to be used again. */
export interface ContextGround {
  /** The client's address on its link. */
  readonly transport: Transport;
  /** Who the client is, in clear and under encryption. */
  readonly signer: Signer;
  readonly querySigner: Signer;
  /** What vouches for the server. */
  readonly trust: ServerTrust;
}

/**
 * Keeps the context that was used last from one exchange to the next, for clients that follow each other on one
 * interface: a server always serves it, whatever others do in the client's name (docs/protocol.md 7). It is used as
 * long as its ground is the same.
 */
export class ContextKeeper {
  private kept: (OpenContext & { readonly ground: ContextGround }) | undefined;

  /**
   * @param now milliseconds since 1970
   * @returns undefined if there is none on this ground, or its server's certificate has expired
   */
  find(ground: ContextGround, now: number): OpenContext | undefined {
    const { kept } = this;
    const isSame =
      kept?.ground.transport === ground.transport &&
      kept.ground.signer === ground.signer &&
      kept.ground.querySigner === ground.querySigner &&
      kept.ground.trust === ground.trust;
    return isSame && now <= kept.server.goodUntil ? kept : undefined;
  }

  keep(context: OpenContext, ground: ContextGround): void {
    if (this.kept?.sender !== context.sender) {
      this.kept = { ...context, ground };
    }
  }

  /** Drops a context whose server does not answer. */
  forget(sender: QuerySender | undefined): void {
    if (this.kept?.sender === sender) {
      this.kept = undefined;
    }
  }
}
