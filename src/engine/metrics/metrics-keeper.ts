// SPDX-License-Identifier: MPL-2.0

import { errorText } from '../../support';
import type { MetricsEndpoint } from '../settings';
import { MetricsServer } from './metrics-server';

/** Milliseconds. */
const defaultPause = 5000;

/**
 * Serves metrics as long as it is not closed. Where it cannot listen it says so once and tries again: the engine that
 * checks a configuration meets the one in service there, and no client is to wait for who only watches.
 */
export class MetricsKeeper {
  private server: MetricsServer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** @param pause milliseconds until listening is tried again */
  constructor(
    private readonly endpoint: MetricsEndpoint,
    private readonly render: () => Promise<string>,
    private readonly log: (severity: 0 | 1 | 2 | 3, text: string) => void,
    private readonly pause = defaultPause,
  ) {
    void this.start(true);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.server?.close();
  }

  private async start(isFirst: boolean): Promise<void> {
    try {
      const server = await MetricsServer.start(this.endpoint, this.render);
      this.server = server;
      if (this.isClosed) {
        server.close();
      } else if (!isFirst) {
        this.log(1, 'Metrics are served now.');
      }
    } catch (error) {
      if (isFirst && !this.isClosed) {
        this.log(2, errorText(error));
      }
      if (!this.isClosed) {
        this.timer = setTimeout(() => void this.start(false), this.pause);
        this.timer.unref();
      }
    }
  }
}
