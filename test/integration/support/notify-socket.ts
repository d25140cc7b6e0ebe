// SPDX-License-Identifier: MPL-2.0
import { join } from 'node:path';
import { Running } from './process';
import type { Testbed } from './testbed';

/** Node.js has no Unix datagrams; Perl is on every Debian. */
const RECEIVER = `
$| = 1;
socket(S, AF_UNIX, SOCK_DGRAM, 0) and bind(S, sockaddr_un($ARGV[0])) or die $!;
print "listening\\n";
while (defined recv(S, $datagram, 65536, 0)) { $datagram =~ s/\\n/|/g; print "$datagram\\n" }
`;

/** The socket that systemd has for a unit of Type=notify, and what is said to it (sd_notify(3)). */
export class NotifySocket {
  private constructor(
    readonly path: string,
    private readonly receiver: Running,
  ) {}

  static async open(testbed: Testbed): Promise<NotifySocket> {
    const path = join(testbed.directory, 'notify.sock');
    const receiver = new Running('perl', ['-MSocket', '-e', RECEIVER, path]);
    testbed.onClose(() => receiver.stop());
    await receiver.waitForOutput(/^listening$/m);
    return new NotifySocket(path, receiver);
  }

  /** Each message as its assignments, without those of systemd-notify's own. */
  get messages(): string[][] {
    return this.receiver.stdout
      .split('\n')
      .slice(1, -1)
      .map((line) =>
        line.split('|').filter((one) => one !== '' && one !== 'BARRIER=1' && !one.startsWith('MAINPIDFDID=')),
      )
      .filter((assignments) => assignments.length > 0);
  }
}
