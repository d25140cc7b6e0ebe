// SPDX-License-Identifier: MPL-2.0

/** docs/protocol.md 3: the same announcement to everybody, signed once a second for each certificate and KEM. */
import { AnnouncementBoard } from '../../../src/engine/encryption-keys/announcement-board';

const tag = Buffer.from('0123456789abcdef', 'hex');
const otherTag = Buffer.from('fedcba9876543210', 'hex');

function world(): {
  readonly take: (now: number, of?: Buffer, slot?: number, worker?: number) => string;
  readonly signed: () => number;
} {
  const memory = AnnouncementBoard.allocate(2);
  const workers = [new AnnouncementBoard(memory), new AnnouncementBoard(memory)];
  let signed = 0;
  const sign = (): Buffer => {
    signed += 1;
    return Buffer.from(`announcement ${String(signed)}`);
  };
  return {
    take: (now, of = tag, slot = 0, worker = 0) => workers[worker]!.take(slot, of, now, sign).toString(),
    signed: () => signed,
  };
}

describe('an announcement', () => {
  test('is signed when somebody asks, and for a second is the same for all, whichever worker is asked', () => {
    const { take, signed } = world();
    expect(take(1000)).toBe('announcement 1');
    expect(take(1999, tag, 0, 1)).toBe('announcement 1');
    expect(signed()).toBe(1);
  });

  test('is signed anew a second later', () => {
    const { take } = world();
    take(1000);
    expect(take(2000, tag, 0, 1)).toBe('announcement 2');
    expect(take(2001)).toBe('announcement 2');
  });

  test('is signed anew at once where another key is told, or the clock was set back', () => {
    const { take } = world();
    take(1000);
    expect(take(1001, otherTag)).toBe('announcement 2');
    expect(take(1001, otherTag, 0, 1)).toBe('announcement 2');
    expect(take(900, otherTag)).toBe('announcement 3');
  });

  test('of one slot is none of another', () => {
    const { take } = world();
    take(1000);
    expect(take(1000, tag, 1)).toBe('announcement 2');
    expect(take(1000)).toBe('announcement 1');
  });

  test('is served from the one before while another worker signs', () => {
    const memory = AnnouncementBoard.allocate(1);
    const [one, other] = [new AnnouncementBoard(memory), new AnnouncementBoard(memory)];
    one.take(0, tag, 1000, () => Buffer.from('old'));
    let meanwhile = '';
    one.take(0, tag, 3000, () => {
      meanwhile = other.take(0, tag, 3000, () => Buffer.from('signed twice')).toString();
      return Buffer.from('new');
    });
    expect(meanwhile).toBe('old');
    expect(other.take(0, tag, 3001, () => Buffer.from('signed twice')).toString()).toBe('new');
  });

  test('whose signing fails is signed at the next question', () => {
    const { take } = world();
    const board = new AnnouncementBoard(AnnouncementBoard.allocate(1));
    const fails = (): Buffer => {
      throw new Error('no key');
    };
    expect(() => board.take(0, tag, 0, fails)).toThrow('no key');
    expect(board.take(0, tag, 0, () => Buffer.from('signed')).toString()).toBe('signed');
    expect(take(0)).toBe('announcement 1');
  });
});
