// SPDX-License-Identifier: MPL-2.0

import { chmodSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorText } from '../../support';
import type { MetricsEndpoint } from '../settings';
import { expositionType } from './exposition';
import { sharedText } from './shared-text';
import { removeStaleSocket } from './stale-socket';

/** For a scraper that does not finish its question, does not read the answer, or is one of too many. Milliseconds. */
export interface ServerLimits {
  readonly request: number;
  readonly idle: number;
  readonly connections: number;
}

const defaultLimits: ServerLimits = { request: 5000, idle: 10_000, connections: 16 };
const MAX_HEADER_SIZE = 8192;

/** Who may connect needs the right to write. */
const socketMode = 0o660;

const loopback = ['::1', '127.0.0.1'] as const;

/** Answers `GET /metrics`, over a Unix socket or on the loopback addresses. */
export class MetricsServer {
  private constructor(private readonly servers: readonly Server[]) {}

  /**
   * @param render the text, made anew unless it was made a moment ago
   * @throws Error that names the setting where nothing can listen there
   */
  static async start(
    endpoint: MetricsEndpoint,
    render: () => Promise<string>,
    limits = defaultLimits,
  ): Promise<MetricsServer> {
    const servers: Server[] = [];
    const text = sharedText(render);
    try {
      if (endpoint.socket !== undefined) {
        await removeStaleSocket(endpoint.socket);
        servers.push(await listen(text, limits, { path: endpoint.socket }));
        chmodSync(endpoint.socket, socketMode);
      } else {
        for (const host of loopback) {
          servers.push(await listen(text, limits, { host, port: endpoint.port }));
        }
      }
      return new MetricsServer(servers);
    } catch (error) {
      servers.forEach((server) => server.close());
      const name = endpoint.socket === undefined ? 'port' : 'socket';
      const value = JSON.stringify(endpoint.socket ?? endpoint.port);
      const reason = errorText(error);
      throw new Error(`"metrics.${name}" is ${value}: the engine cannot listen there: ${reason}`, {
        cause: error,
      });
    }
  }

  close(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

function listen(
  render: () => Promise<string>,
  { request, idle, connections }: ServerLimits,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<Server> {
  const options = {
    headersTimeout: request,
    requestTimeout: request,
    // Both are looked at as often as this, and by default every half a minute.
    connectionsCheckingInterval: request / 5,
    keepAliveTimeout: request,
    maxHeaderSize: MAX_HEADER_SIZE,
  };
  const server = createServer(options, (question, response) => {
    void answer(question, response, render);
  });
  server.timeout = idle;
  server.maxConnections = connections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
      // A connection that could not be accepted is the scraper's loss; unheard, the error would end the engine.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  render: () => Promise<string>,
): Promise<void> {
  const refuse = (status: number, text: string): void => {
    const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
    response.writeHead(status, headers).end(`${text}\n`);
  };
  request.resume();
  if (request.url?.replace(/\?.*$/, '') !== '/metrics') {
    refuse(404, 'there is only /metrics');
  } else if (request.method !== 'GET') {
    response.setHeader('allow', 'GET');
    refuse(405, 'only GET');
  } else {
    try {
      const text = await render();
      response.writeHead(200, { 'content-type': expositionType }).end(text);
    } catch (error) {
      refuse(503, error instanceof Error ? error.message : 'failed');
    }
  }
}
