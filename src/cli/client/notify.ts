// SPDX-License-Identifier: MPL-2.0

import { type ClientEvent, runCommand } from '../../client';
import { printable } from '../../support';
import { warn } from '../print';
import { eventText } from './event-text';

/**
 * Notifies systemd, for a unit of Type=notify (sd_notify(3)): READY=1 once there is a lease or information, STATUS= at
 * each event, STOPPING=1 before anything is released. Does nothing if NOTIFY_SOCKET is not set.
 */
export class ServiceManager {
  private isReady = false;

  constructor(private readonly socket: string | undefined) {}

  async tell(event: ClientEvent): Promise<void> {
    const states = this.statesOf(event);
    if (states.length > 0) {
      await this.send(states);
    }
  }

  async stopping(): Promise<void> {
    await this.send(['STOPPING=1']);
  }

  private statesOf(event: ClientEvent): string[] {
    const status = `STATUS=${printable(eventText(event))}`;
    switch (event.type) {
      case 'bound':
      case 'renewed':
      case 'rebound':
      case 'confirmed':
      case 'informed': {
        const isFirst = !this.isReady;
        this.isReady = true;
        return isFirst ? ['READY=1', status] : [status];
      }
      case 'started':
      case 'link':
      case 'lost':
      case 'problem':
        return [status];
      case 'stopped':
        return [];
    }
  }

  private async send(states: readonly string[]): Promise<void> {
    if (this.socket === undefined) {
      return;
    }
    const notify = ['systemd-notify', `--pid=${process.pid}`, ...states];
    await runCommand('env', [`NOTIFY_SOCKET=${this.socket}`, ...notify]).catch((error: unknown) => {
      warn(String(error));
    });
  }
}
