// SPDX-License-Identifier: MPL-2.0

import type { TrustStore } from '../../pki';
import { errorText } from '../../support';
import { trustStoreOf, type WorkerMaterial } from '../clients/server-material';
import { briefText } from '../packet/brief-text';
import { checkFiles, problemText, type SettingPath, type Settings } from '../settings';
import { type CrlFiles, lapsed, refreshCrls, withoutCrl } from './crl-files';
import { fileCredentialReader, rememberingCrls } from './file-credential-reader';
import { type FileStamps, stampFiles } from './file-stamps';
import { FileWatcher } from './file-watcher';
import { workerMaterial } from './load-material';

/** What came of a reload; where it was refused, everything stays that was loaded before. */
export type ReloadOutcome =
  | {
      readonly accepted: true;
      readonly text: string;
      readonly counts: Readonly<Record<'previous-keys' | 'trust-anchors' | 'intermediates' | 'crls', number>>;
    }
  /** The text names each wrong setting, its file and what is wrong with it. */
  | { readonly accepted: false; readonly text: string };

export interface ReloaderOptions {
  readonly settings: Settings;
  /** Where the settings stand, for problems' paths. */
  readonly path: SettingPath;
  readonly material: WorkerMaterial;
  readonly crlFiles: CrlFiles;
  /** Of the CRLs' files, taken before they were read. */
  readonly crlStamps: FileStamps;
  /** Has every worker take the material; resolves when all have. */
  readonly adopt: (material: WorkerMaterial) => Promise<void>;
  readonly log: (severity: 0 | 1 | 2 | 3, text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds between two looks at the CRLs' files. */
  readonly interval?: number;
}

/**
 * Replaces keys, certificates and CRLs while the server runs. Files are read, parsed and checked here, on the
 * session's own thread; the workers, which serve packets, get finished material, all of it at once.
 */
export class Reloader {
  private material: WorkerMaterial;
  private crlFiles: CrlFiles;
  /** Held here too, so that the workers find it parsed. */
  private trust: TrustStore;
  private readonly watcher: FileWatcher;
  private underWay: Promise<unknown> = Promise.resolve();
  private crlProblems = '';

  constructor(private readonly options: ReloaderOptions) {
    this.material = options.material;
    this.crlFiles = options.crlFiles;
    this.trust = trustStoreOf(options.material.trust);
    this.watcher = new FileWatcher(
      options.crlStamps,
      () => {
        void this.inTurn(() => this.refreshCrls());
      },
      options.interval,
    );
  }

  /** What is loaded. */
  get current(): WorkerMaterial {
    return this.material;
  }

  private get crlPath(): SettingPath {
    return [...this.options.path, 'crls'];
  }

  /** Reads every file that the settings name anew: all of it is loaded, or none. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    return this.inTurn(() => this.reloadAll());
  }

  close(): void {
    this.watcher.close();
    this.trust.release();
  }

  private async reloadAll(): Promise<ReloadOutcome> {
    const { settings, path, now, log } = this.options;
    const stamps = stampFiles(settings.crls);
    const crlFiles = new Map<string, readonly Buffer[]>();
    const { loaded, problems } = checkFiles(settings, now(), rememberingCrls(crlFiles), path);
    if (loaded === undefined) {
      const text = problems.map(problemText).join('; ');
      log(3, `Nothing was reloaded, what was in force still is: ${text}`);
      return { accepted: false, text };
    }
    const before = this.material.trust;
    const lapsedCrls = lapsed(loaded.trust.crls, before.crls, before.lapsedCrls);
    const material = workerMaterial(loaded, lapsedCrls);
    await this.load(material);
    this.watcher.read(stamps);
    this.crlFiles = crlFiles;
    this.logCrlProblems(withoutCrl(lapsedCrls, this.crlPath));
    const { anchors, intermediates, crls } = material.trust;
    const counts = {
      'previous-keys': material.previous.length,
      'trust-anchors': anchors.length,
      intermediates: intermediates.length,
      crls: crls.length,
    };
    const numbers = Object.entries(counts).map(([name, count]) => `${name}: ${count}`);
    const text = `Reloaded the certificate ${briefText(loaded.identity.endEntity.subject)}; ${numbers.join(', ')}.`;
    log(1, text);
    return { accepted: true, text, counts };
  }

  /** A file that cannot be used revokes nothing, and lets nobody in: its issuer's certificates need a CRL. */
  private async refreshCrls(): Promise<void> {
    const { material } = this;
    const { files, crls, lapsedCrls, problems } = refreshCrls(
      this.crlFiles,
      material.trust,
      (file) => fileCredentialReader.crls(file),
      this.crlPath,
    );
    await this.load({ ...material, trust: { ...material.trust, crls, lapsedCrls } });
    this.crlFiles = files;
    if (problems.length === 0) {
      this.options.log(1, `Reloaded the CRLs: ${crls.length}.`);
    }
    this.logCrlProblems(problems);
  }

  /** Once, and not again as long as they are the same. */
  private logCrlProblems(problems: readonly string[]): void {
    const text = problems.join('; ');
    if (text !== '' && text !== this.crlProblems) {
      this.options.log(
        3,
        `A CRL cannot be used; certificates that need it are refused until it can: ${text}`,
      );
    }
    this.crlProblems = text;
  }

  private async load(material: WorkerMaterial): Promise<void> {
    const trust = trustStoreOf(material.trust);
    await this.options.adopt(material);
    this.trust.release();
    this.trust = trust;
    this.material = material;
  }

  private inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const turn = this.underWay.then(task);
    this.underWay = turn.catch((error: unknown) => {
      this.options.log(3, `A reload has failed: ${errorText(error)}`);
    });
    return turn;
  }
}
