// SPDX-License-Identifier: MPL-2.0

/** How a message is retransmitted (RFC 8415 section 15). In seconds; 0 for no bound. */
export interface RetransmissionParameters {
  /** initial retransmission time */
  readonly irt: number;
  /** maximum retransmission time */
  readonly mrt: number;
  /** maximum retransmission count: how often the message is transmitted in all */
  readonly mrc: number;
  /** maximum retransmission duration, from the first transmission on */
  readonly mrd: number;
  /** Section 18.2.1: the first time-out of a Solicit is never shorter than IRT. */
  readonly isFirstAtLeastIrt?: boolean;
}

/** RFC 8415 section 7.6: the longest random delay before the first message, in seconds. */
export const InitialDelay = { Solicit: 1, Confirm: 1, InformationRequest: 1 } as const;

/** RFC 8415 section 7.6: what SOL_MAX_RT and INF_MAX_RT are until a server overrides them, in seconds. */
export const DEFAULT_MAX_RT = 3600;

/** The parameters of each message, RFC 8415 section 7.6; `remaining` is what section 18.2 makes the MRD, in seconds. */
export const Retransmission = {
  solicit: (solMaxRt: number): RetransmissionParameters => ({
    irt: 1,
    mrt: solMaxRt,
    mrc: 0,
    mrd: 0,
    isFirstAtLeastIrt: true,
  }),
  request: { irt: 1, mrt: 30, mrc: 10, mrd: 0 },
  confirm: { irt: 1, mrt: 4, mrc: 0, mrd: 10 },
  /** Until T2. */
  renew: (remaining: number): RetransmissionParameters => ({ irt: 10, mrt: 600, mrc: 0, mrd: remaining }),
  /** Until the last valid lifetime ends. */
  rebind: (remaining: number): RetransmissionParameters => ({ irt: 10, mrt: 600, mrc: 0, mrd: remaining }),
  release: { irt: 1, mrt: 0, mrc: 4, mrd: 0 },
  decline: { irt: 1, mrt: 0, mrc: 5, mrd: 0 },
  informationRequest: (infMaxRt: number): RetransmissionParameters => ({
    irt: 1,
    mrt: infMaxRt,
    mrc: 0,
    mrd: 0,
  }),
} as const;

const MILLISECONDS = 1000;
/** RAND is uniform between -0.1 and +0.1. */
const RANDOMISATION = 0.1;

/** The successive time-outs of one message (RFC 8415 section 15). */
export class RetransmissionSchedule {
  private count = 0;
  private previous = 0;
  private mrt: number;

  /** @param random uniform in [0, 1) */
  constructor(
    private readonly parameters: RetransmissionParameters,
    private readonly random: () => number,
  ) {
    this.mrt = parameters.mrt;
  }

  /** A server overrides the maximum retransmission time, in seconds (RFC 8415 sections 21.24 and 21.25). */
  overrideMrt(mrt: number): void {
    this.mrt = mrt;
  }

  /** How many transmissions are left; undefined if their number has no bound. */
  get remaining(): number | undefined {
    const { mrc } = this.parameters;
    return mrc === 0 ? undefined : mrc - this.count;
  }

  /**
   * How long to wait for an answer after the next transmission, in milliseconds; undefined when there is to be
   * none any more and the exchange has failed.
   *
   * @param elapsed milliseconds since the first transmission
   */
  next(elapsed: number): number | undefined {
    const { mrc, mrd } = this.parameters;
    const left = mrd * MILLISECONDS - elapsed;
    if ((mrc !== 0 && this.count >= mrc) || (mrd !== 0 && left <= 0)) {
      return undefined;
    }
    this.previous = this.timeout();
    this.count += 1;
    return mrd === 0 ? this.previous : Math.min(this.previous, left);
  }

  private timeout(): number {
    const irt = this.parameters.irt * MILLISECONDS;
    const mrt = this.mrt * MILLISECONDS;
    if (this.count === 0) {
      return irt + this.spread(irt, this.parameters.isFirstAtLeastIrt ?? false);
    }
    const doubled = 2 * this.previous + this.spread(this.previous);
    return mrt !== 0 && doubled > mrt ? mrt + this.spread(mrt) : doubled;
  }

  /** RAND times `base`; with `isPositive`, RAND is in (0, 0.1]. */
  private spread(base: number, isPositive = false): number {
    const sample = this.random();
    return base * RANDOMISATION * (isPositive ? 1 - sample : 2 * sample - 1);
  }
}
