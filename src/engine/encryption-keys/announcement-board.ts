// SPDX-License-Identifier: MPL-2.0

/** Octets of one announcement: the most that certificates and the largest key may take, and what is around them. */
const MAX_ANNOUNCEMENT = 20_480;

/** Milliseconds that an announcement is sent for (docs/protocol.md 3). */
const PERIOD = 1000;

/** Milliseconds for which an old one does while another worker signs; its receiver takes it for 300 s. */
const GRACE = 10_000;

const TAG_LENGTH = 8;

/** 32-bit words of a slot: a lock, a count of writes (odd while one is under way), the length. */
const LOCK = 0;
const VERSION = 1;
const LENGTH = 2;
const HEADER_LENGTH = 16;
/** When it was signed, in milliseconds since 1970, then the tag of the key that it tells. */
const SIGNED_AT = HEADER_LENGTH;
const TAG = SIGNED_AT + 8;
const OCTETS = TAG + TAG_LENGTH;
const SLOT_LENGTH = OCTETS + MAX_ANNOUNCEMENT;

interface Posted {
  readonly signedAt: number;
  readonly octets: Buffer;
}

/**
 * The announcements of a server, one slot for each certificate and KEM, in memory that all workers share: each is signed
 * once a second at most, whoever is asked for it, and not at all while nobody asks (docs/protocol.md 3).
 */
export class AnnouncementBoard {
  /** @param memory of {@link AnnouncementBoard.allocate} */
  constructor(private readonly memory: SharedArrayBuffer) {}

  static allocate(slots: number): SharedArrayBuffer {
    return new SharedArrayBuffer(slots * SLOT_LENGTH);
  }

  /**
   * The announcement of a slot, signed anew where it is a second old or tells another key.
   *
   * @param slot from 0
   * @param tag recipient tag of the key that is to be told: 8 octets
   * @param now milliseconds since 1970
   * @param sign makes it: at most 20 480 octets
   */
  take(slot: number, tag: Buffer, now: number, sign: () => Buffer): Buffer {
    const posted = this.read(slot, tag);
    const age = posted === undefined ? undefined : now - posted.signedAt;
    // A clock that is set back makes it old, too.
    if (posted !== undefined && age !== undefined && age >= 0 && age < PERIOD) {
      return posted.octets;
    }
    const words = this.words(slot);
    if (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) {
      return posted !== undefined && age !== undefined && Math.abs(age) < GRACE ? posted.octets : sign();
    }
    try {
      const octets = sign();
      this.write(slot, tag, now, octets);
      return octets;
    } finally {
      Atomics.store(words, LOCK, 0);
    }
  }

  private words(slot: number): Int32Array {
    return new Int32Array(this.memory, slot * SLOT_LENGTH, HEADER_LENGTH / Int32Array.BYTES_PER_ELEMENT);
  }

  private octets(slot: number): Buffer {
    return Buffer.from(this.memory, slot * SLOT_LENGTH, SLOT_LENGTH);
  }

  /** A copy; undefined where nothing of this key is posted, or it is written at this moment. */
  private read(slot: number, tag: Buffer): Posted | undefined {
    const words = this.words(slot);
    const octets = this.octets(slot);
    const version = Atomics.load(words, VERSION);
    const length = Atomics.load(words, LENGTH);
    if (version % 2 !== 0 || length === 0) {
      return undefined;
    }
    const signedAt = octets.readDoubleBE(SIGNED_AT);
    const isOfKey = octets.subarray(TAG, OCTETS).equals(tag);
    const copy = Buffer.from(octets.subarray(OCTETS, OCTETS + length));
    return isOfKey && Atomics.load(words, VERSION) === version ? { signedAt, octets: copy } : undefined;
  }

  private write(slot: number, tag: Buffer, now: number, announcement: Buffer): void {
    if (announcement.length > MAX_ANNOUNCEMENT) {
      return;
    }
    const words = this.words(slot);
    const octets = this.octets(slot);
    Atomics.add(words, VERSION, 1);
    octets.writeDoubleBE(now, SIGNED_AT);
    tag.copy(octets, TAG);
    announcement.copy(octets, OCTETS);
    Atomics.store(words, LENGTH, announcement.length);
    Atomics.add(words, VERSION, 1);
  }
}
