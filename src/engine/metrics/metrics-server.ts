// SPDX-License-Identifier: MPL-2.0

import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { MetricsEndpoint } from '../settings';
import { expositionType } from './exposition';

/** A scraper that does not finish its question, or more of them than there can be. */
const limits = { headersTimeout: 5000, requestTimeout: 5000, maxHeaderSize: 8192, keepAliveTimeout: 5000 };
const mostConnections = 16;

/** Whoever may connect needs the right to write. */
const socketMode = 0o660;

const loopback = ['::1', '127.0.0.1'] as const;

/** Answers `GET /metrics`, over a Unix socket or on the loopback addresses. */
export class MetricsServer {
  private constructor(private readonly servers: readonly Server[]) {}

  /**
   * @param render the text, made anew for each question
   * @throws Error that names the setting where nothing can listen there
   */
  static async start(endpoint: MetricsEndpoint, render: () => Promise<string>): Promise<MetricsServer> {
    const servers: Server[] = [];
    try {
      if (endpoint.socket !== undefined) {
        await removeStale(endpoint.socket);
        servers.push(await listen(render, { path: endpoint.socket }));
        chmodSync(endpoint.socket, socketMode);
      } else {
        for (const host of loopback) {
          servers.push(await listen(render, { host, port: endpoint.port }));
        }
      }
      return new MetricsServer(servers);
    } catch (error) {
      servers.forEach((server) => server.close());
      const name = endpoint.socket === undefined ? 'port' : 'socket';
      const value = JSON.stringify(endpoint.socket ?? endpoint.port);
      const reason = error instanceof Error ? error.message : String(error);
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
  where: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<Server> {
  const server = createServer(limits, (request, response) => {
    void answer(request, response, render);
  });
  server.maxConnections = mostConnections;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.removeListener('error', reject);
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
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
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

/** A socket that nobody listens at any more is in the way of the next engine; one in use is not taken away. */
async function removeStale(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) {
    return;
  }
  const isInUse = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => {
      resolve(false);
    });
  });
  if (!isInUse) {
    rmSync(path, { force: true });
  }
}
