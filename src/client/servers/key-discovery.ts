// SPDX-License-Identifier: MPL-2.0

import { ProtocolError } from '../../protocol';
import { ClientError } from '../exchange/errors';
import { ignoredText } from '../exchange/exchange-peer';
import type { Way } from '../exchange/transport';
import type { ClientContext } from './client-context';
import type { DiscoveryMethod, Unheard } from './discovery';
import type { KeyInquiry } from './key-inquiry';
import { KnownServer } from './known-server';
import type { Announced, AuthenticatedServer } from './server-verifier';

/**
 * Finds servers by asking for their keys (docs/protocol.md 5.1, 5.2). What they tell is kept for queries.
 * @param wanted DUID of the one server that matters
 */
export function keyDiscovery(
  context: ClientContext,
  inquiry: KeyInquiry,
  wanted?: Buffer,
): DiscoveryMethod<AuthenticatedServer> {
  const { memory } = context;
  const answeredCookies = new Set<string>();
  const found = new Set<string>();
  return {
    ways: (unanswered) => memory.ways(unanswered),
    build: (transactionId, elapsed, way, again) =>
      inquiry.build(transactionId, elapsed, again?.cookie ?? memory.cookie(way, wanted)),
    read: (arrival) => {
      const answer = inquiry.read(arrival);
      switch (answer?.kind) {
        case undefined:
          return undefined;
        case 'retry': {
          // Another server's cookie is as none: a server that has answered needs no second request.
          const cookie = answer.cookie.toString('latin1');
          const isNew = !answeredCookies.has(cookie) && !found.has(answer.serverIdentifier.toString('hex'));
          answeredCookies.add(cookie);
          return isNew ? { cookie: answer.cookie } : undefined;
        }
        case 'failure':
          noteWay(context, arrival.way);
          if (answer.isMended) {
            context.warn(`${answer.failure.text}: mended, and sent again`);
            return { cookie: undefined };
          }
          return { refusal: answer.failure.text };
        case 'announced': {
          const { announced, offer } = answer;
          const { server } = announced;
          if (!announced.isNew) {
            learn(context, announced, arrival.way);
          }
          found.add(server.serverIdentifier.toString('hex'));
          return announced.isNew
            ? { server, offer, admit: () => admit(context, announced, arrival.way) }
            : { server, offer };
        }
      }
    },
    failure: nobodyAuthenticated,
  };
}

/** No pinned server has answered: a new one is pinned, and told of. @throws ProtocolError */
function admit(context: ClientContext, announced: Announced, way: Way): void {
  const { server } = announced;
  context.verifier.keep(server);
  learn(context, announced, way);
  const text = `${server.name} (${server.serverIdentifier.toString('hex')}, key ${server.key.keyId.toString('hex')})`;
  context.warn(`NO PINNED SERVER ANSWERED: the new server ${text} is trusted and pinned`);
}

/**
 * Keeps what a server has told, for queries to it.
 * @throws ProtocolError if no context may be opened to its key any more
 */
export function learn(context: ClientContext, announced: Announced, way: Way): KnownServer {
  const { environment, memory, time } = context;
  const known = memory.learn(announced, () => new KnownServer(environment, time, announced));
  // Of two ways the one that was answered first.
  noteWay(context, way, known.announced === announced ? known : undefined);
  if (!known.isOpenable && known.openContext === undefined) {
    throw new ProtocolError(
      'encryption-key-unusable',
      `the encryption key of the server ${announced.server.name} is about to end`,
    );
  }
  return known;
}

/** A server's answer has verified that came this way: what follows goes the same way (docs/protocol.md 5.3). */
export function noteWay({ memory, warn }: ClientContext, way: Way, server?: KnownServer): void {
  if (server !== undefined) {
    server.way = way;
  }
  if (memory.answered(way)) {
    warn(
      way === 'wrapped'
        ? 'messages are answered wrapped in a Relay-forward, and go that way from now on'
        : 'messages are answered as they are, and go that way from now on',
    );
  }
}

/**
 * `server-key-changed` if a known server shows another key, whatever other answers came; `authentication-refused` if
 * servers answered only to refuse this client; `no-server` if none could be authenticated.
 */
function nobodyAuthenticated({ changedKeys, refusals, ignored }: Unheard): ClientError {
  if (changedKeys.size > 0) {
    return new ClientError('server-key-changed', [...changedKeys].join('; '));
  }
  if (refusals.size > 0) {
    return new ClientError('authentication-refused', [...refusals].join('; '));
  }
  return new ClientError('no-server', `no server authenticated itself${ignoredText(ignored)}`);
}
