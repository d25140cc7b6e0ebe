// SPDX-License-Identifier: MPL-2.0
import { existsSync } from 'node:fs';
import { get } from 'node:http';
import { MetricsKeeper } from '../../../src/engine/metrics/metrics-keeper';
import { sharedText } from '../../../src/engine/metrics/shared-text';
import { TestDirectory } from '../../support/test-directory';
import { pause, until } from '../../support/until';

describe('two sessions with one socket', () => {
  let socket: string;
  let lines: string[];
  const keepers: MetricsKeeper[] = [];

  // Before their directory goes.
  afterEach(() => {
    keepers.splice(0).forEach((keeper) => {
      keeper.close();
    });
  });

  const directory = TestDirectory.forEachTest();

  beforeEach(() => {
    socket = directory.file('socket');
    lines = [];
  });

  function keep(name: string): MetricsKeeper {
    const log = (severity: number, text: string): void => {
      lines.push(`${name} ${severity} ${text}`);
    };
    const keeper = new MetricsKeeper({ socket }, () => Promise.resolve(name), log, 20);
    keepers.push(keeper);
    return keeper;
  }

  /** Resolves with the name of who serves, when that is `name`. */
  async function served(name: string): Promise<void> {
    await until(`${name} to serve`, async () => (await scrape()) === name);
  }

  const refusal = (): Promise<unknown> => until('the refusal', () => lines.length > 0);

  function scrape(): Promise<string | undefined> {
    return new Promise((resolve) => {
      get({ socketPath: socket, path: '/metrics', agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (more: string) => (text += more));
        response.on('end', () => {
          resolve(text);
        });
      }).on('error', () => {
        resolve(undefined);
      });
    });
  }

  test('the one in service stays there, whatever the other does, which says once why it does not serve', async () => {
    keep('first');
    await served('first');
    const second = keep('second');
    await refusal();
    // It tries again some times.
    await pause(200);
    expect(await scrape()).toBe('first');
    second.close();
    await pause(50);
    expect(await scrape()).toBe('first');
    expect(lines).toEqual([
      expect.stringMatching(/^second 2 "metrics\.socket" is ".*": the engine cannot listen/),
    ]);
  });

  test('the other takes over when the first has gone', async () => {
    const first = keep('first');
    await served('first');
    keep('second');
    await refusal();
    first.close();
    await served('second');
    expect(lines.at(-1)).toBe('second 1 Metrics are served now.');
  });

  test('one that is closed before it listens leaves nothing behind', async () => {
    keep('first').close();
    await pause(100);
    expect([existsSync(socket), lines]).toEqual([false, []]);
  });
});

describe('a text', () => {
  function counted(lifetime: number): { ask: () => Promise<string>; made: () => number } {
    let made = 0;
    return { ask: sharedText(() => Promise.resolve(String(++made)), lifetime), made: () => made };
  }

  test('serves all who ask at once, and those who come a moment later', async () => {
    const { ask, made } = counted(100_000);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['1', '1', '1']);
    expect([await ask(), made()]).toEqual(['1', 1]);
  });

  test('is made anew when it is old', async () => {
    const { ask } = counted(5);
    expect(await ask()).toBe('1');
    await pause(100);
    expect(await ask()).toBe('2');
  });

  test('that could not be made is tried again', async () => {
    let made = 0;
    const ask = sharedText(
      () => (++made === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve('there')),
      5,
    );
    await expect(ask()).rejects.toThrow('not yet');
    await pause(100);
    expect(await ask()).toBe('there');
  });
});
