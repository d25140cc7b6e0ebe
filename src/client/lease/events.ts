// SPDX-License-Identifier: MPL-2.0

import type { ClientErrorCode } from '../exchange/errors';
import type { Lease } from './lease';

interface EventBase {
  readonly interface: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Why a lease, or part of it, is lost. */
export type LossReason =
  | 'expired'
  | 'not-on-link'
  | 'released'
  | 'declined'
  | 'refused'
  /** The client has another DUID from now on; or it is anonymous, and this may be another link. */
  | 'forgotten';

/** An event of the client daemon; `previous` is the lease that was in use before, if there was one. */
export type ClientEvent = EventBase &
  (
    | { readonly type: 'started' }
    | { readonly type: 'link'; readonly up: boolean }
    | {
        readonly type: 'bound' | 'renewed' | 'rebound' | 'confirmed' | 'informed';
        readonly lease: Lease;
        readonly previous: Lease | undefined;
      }
    /** `lease` is what is left. The event precedes the message to the server: the addresses have to be removed first. */
    | {
        readonly type: 'lost';
        readonly reason: LossReason;
        readonly lease: Lease | undefined;
        readonly previous: Lease;
      }
    | { readonly type: 'problem'; readonly code: ClientErrorCode; readonly message: string }
    /** The last event. `lease` is still valid: the client was configured not to release it. */
    | { readonly type: 'stopped'; readonly lease: Lease | undefined }
  );

/** An event without what the client adds. */
export type EventDetail = ClientEvent extends infer Event
  ? Event extends ClientEvent
    ? Omit<Event, keyof EventBase>
    : never
  : never;
