// SPDX-License-Identifier: MPL-2.0

/** What a client without a clock of its own may do. */
export interface TimeFromServers {
  /** A clock that is never set: milliseconds since any fixed moment. */
  readonly steady: () => number;
  /** The newest time that is known to have passed, milliseconds since 1970: a server that claims an earlier one is not believed. */
  readonly newestKnown: number;
  /** Called when a server's time is taken for good. */
  readonly notice: (text: string) => void;
}

interface TakenTime {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** When it was taken, by the steady clock. */
  readonly at: number;
  /** Who told it: its DUID in hexadecimal. */
  readonly by: string;
}

/**
 * The time that this protocol goes by (docs/protocol.md 6): this machine's or, if the user said that it has no clock,
 * one that a server has told. That holds for one exchange, until a response in a context to the server's key has
 * verified: an Encrypted-Reply may be a recorded one. This machine's clock is never set.
 */
export class ProtocolTime {
  private kept: TakenTime | undefined;
  private tried: TakenTime | undefined;

  /** @param machine this machine's clock, milliseconds since 1970 */
  constructor(
    private readonly machine: () => number,
    private readonly fromServers?: TimeFromServers,
  ) {}

  /** Whether it is a server's. */
  get isTaken(): boolean {
    return (this.tried ?? this.kept) !== undefined;
  }

  /** Milliseconds since 1970. */
  now(): number {
    const taken = this.tried ?? this.kept;
    return taken === undefined || this.fromServers === undefined
      ? this.machine()
      : taken.time + this.fromServers.steady() - taken.at;
  }

  /** Whether a server may tell the time, and this is one that may have come. */
  mayBe(time: number): boolean {
    return this.fromServers !== undefined && time >= this.fromServers.newestKnown;
  }

  /** Whether a time that a server told goes before the present one: none has verified, and it is later than one on trial. */
  isWorthTrying(time: number): boolean {
    return this.mayBe(time) && this.kept === undefined && (this.tried === undefined || time > this.now());
  }

  /**
   * Takes a time for this exchange.
   * @param time milliseconds since 1970
   * @param by DUID in hexadecimal of the server that tells it
   */
  try(time: number, by: string): void {
    if (this.fromServers !== undefined) {
      this.tried = { time, at: this.fromServers.steady(), by };
    }
  }

  /** A response has verified in a context to a key of this server: its time, if it is on trial, holds from now on. */
  keep(by: string): void {
    if (this.tried?.by === by) {
      this.kept = this.tried;
      this.tried = undefined;
      const text = new Date(this.now()).toISOString();
      this.fromServers?.notice(
        `this protocol goes by the time of an authenticated server, which says ${text}`,
      );
    }
  }

  /** A time that nothing has confirmed goes with its exchange. */
  endExchange(): void {
    this.tried = undefined;
  }
}
