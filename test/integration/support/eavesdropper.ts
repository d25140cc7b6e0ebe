// SPDX-License-Identifier: MPL-2.0

/** A datagram that a client has sent and that has been answered. */
interface Sent {
  readonly octets: Buffer;
  /** Unix time, milliseconds. */
  readonly sentAt: number;
  transmissions: number;
}

const messageHeader = 4;
const keptUnanswered = 2000;
const keptAnswered = 400;

/** Somebody on the link who keeps what clients send, to send it once more later. */
export class Eavesdropper {
  private readonly unanswered = new Map<number, Sent>();
  private readonly answered: Buffer[] = [];

  sent(octets: Buffer): void {
    const transactionId = transactionIdOf(octets);
    const transmissions = (this.unanswered.get(transactionId)?.transmissions ?? 0) + 1;
    this.unanswered.set(transactionId, { octets, sentAt: Date.now(), transmissions });
    const [oldest] = this.unanswered.keys();
    if (this.unanswered.size > keptUnanswered && oldest !== undefined) {
      this.unanswered.delete(oldest);
    }
  }

  /**
   * Notes an answer. Which of several transmissions the server has seen nobody knows, so those are left out: one
   * that it has not seen it may accept.
   * @returns when the answered message was sent
   */
  received(octets: Buffer): number | undefined {
    const transactionId = transactionIdOf(octets);
    const message = this.unanswered.get(transactionId);
    this.unanswered.delete(transactionId);
    if (message?.transmissions === 1) {
      this.answered.push(message.octets);
      this.answered.splice(0, this.answered.length - keptAnswered);
    }
    return message?.sentAt;
  }

  /** The messages answered last, the oldest of them first. */
  latest(count: number): readonly Buffer[] {
    return this.answered.slice(-count);
  }
}

function transactionIdOf(octets: Buffer): number {
  return octets.length < messageHeader ? -1 : octets.readUIntBE(1, 3);
}
