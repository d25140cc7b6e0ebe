// SPDX-License-Identifier: MPL-2.0

import { type FileStamps, sameStamps, stampFiles } from './file-stamps';

/** Milliseconds between two looks. */
const defaultInterval = 2000;

/**
 * Tells when files have changed, by looking at their stamps every few seconds. Not by fs.watch: that follows the inode
 * and loses a file that another is renamed over, tells nothing on network file systems and overlays, and says `rename`
 * for a directory whose next state nobody knows yet. A few stat calls every two seconds cost nothing, and a CRL is
 * hours old when it comes.
 *
 * A change counts only when two looks in a row have found the same: a file that is being written is left alone.
 */
export class FileWatcher {
  private readonly timer: NodeJS.Timeout;
  private last: FileStamps;

  /**
   * @param known stamps taken before the files were read, so that no change falls in between
   * @param changed called with the new stamps, once for each change
   */
  constructor(
    private known: FileStamps,
    private readonly changed: (stamps: FileStamps) => void,
    interval = defaultInterval,
  ) {
    this.last = known;
    this.timer = setInterval(() => {
      this.look();
    }, interval);
    this.timer.unref();
  }

  /** The files have been read in this state. */
  read(stamps: FileStamps): void {
    this.known = stamps;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const stamps = stampFiles([...this.known.keys()]);
    const isSettled = sameStamps(stamps, this.last);
    this.last = stamps;
    if (isSettled && !sameStamps(stamps, this.known)) {
      this.known = stamps;
      this.changed(stamps);
    }
  }
}
