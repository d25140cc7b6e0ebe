// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { closeDescriptor } from '../../bridge';
import type { KeyMaterial } from '../encryption-keys';
import type { WorkerMaterial } from '../clients/server-material';
import type {
  FromWorker,
  ToWorker,
  WorkerAnswer,
  WorkerQuestion,
  WorkerSettings,
} from '../handlers/worker-protocol';

export interface WorkerPoolHandlers {
  log(severity: 0 | 1 | 2 | 3, text: string): void;
  /** A worker has died; its clients' contexts are gone with it. */
  failed(error: Error): void;
}

/** The `threadId` of a thread that has ended. */
const ended = -1;

/** A question that not all workers have answered yet. */
interface Inquiry {
  readonly answers: WorkerAnswer[];
  readonly resolve: (answers: readonly WorkerAnswer[]) => void;
}

/** The worker threads of one session. */
export class WorkerPool {
  private closed = false;
  private generation = 0;
  /** Workers that have yet to adopt the present generation. */
  private missing = 0;
  private adopted: () => void = () => undefined;
  private lastInquiry = 0;
  private readonly inquiries = new Map<number, Inquiry>();

  private constructor(
    private readonly workers: readonly Worker[],
    private readonly handlers: WorkerPoolHandlers,
  ) {}

  /** Starts the threads; resolves when each is ready to serve, rejects when one cannot start. */
  static async start(
    count: number,
    settings: WorkerSettings,
    handlers: WorkerPoolHandlers,
  ): Promise<WorkerPool> {
    const program = join(__dirname, 'worker.js');
    const workers = Array.from({ length: count }, () => new Worker(program));
    const pool = new WorkerPool(workers, handlers);
    for (const worker of workers) {
      worker.postMessage({ kind: 'start', settings } satisfies ToWorker);
    }
    try {
      await Promise.all(workers.map((worker) => pool.ready(worker)));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Hands a lane's descriptor to a worker; one that there is no worker for is closed. */
  openLane(index: number, fd: number): void {
    const worker = this.workers[index];
    if (worker === undefined || this.closed) {
      closeDescriptor(fd);
      this.handlers.log(2, `a lane for worker ${index}, but there are ${this.workers.length}`);
      return;
    }
    worker.postMessage({ kind: 'lane', fd } satisfies ToWorker);
  }

  /**
   * Passes new material to all workers at once.
   * @returns a promise that resolves when all have it; the next call must wait for that
   */
  adopt(material: WorkerMaterial): Promise<void> {
    this.generation += 1;
    this.missing = this.workers.length;
    return new Promise((resolve) => {
      this.adopted = resolve;
      if (this.closed) {
        resolve();
        return;
      }
      const { generation } = this;
      for (const worker of this.workers) {
        worker.postMessage({ kind: 'material', generation, material } satisfies ToWorker);
      }
    });
  }

  /** Has every worker take the keys as they are now. */
  adoptKeys(keys: KeyMaterial): void {
    for (const worker of this.workers) {
      worker.postMessage({ kind: 'keys', keys } satisfies ToWorker);
    }
  }

  /** Asks every worker; resolves when all have answered, and where the pool is closed never. */
  ask(question: WorkerQuestion): Promise<readonly WorkerAnswer[]> {
    this.lastInquiry += 1;
    const id = this.lastInquiry;
    return new Promise((resolve) => {
      this.inquiries.set(id, { answers: [], resolve });
      for (const worker of this.workers) {
        worker.postMessage({ kind: 'ask', id, question } satisfies ToWorker);
      }
    });
  }

  /**
   * Has each thread end itself between two packets; resolves when all have. None is terminated: one that is in a write
   * transaction then never gives back the key table's lock, nor does it end, and nobody who wants to write to the
   * table gets any further.
   */
  async close(): Promise<void> {
    this.closed = true;
    this.adopted();
    await Promise.all(this.workers.map(endWorker));
  }

  private ready(worker: Worker): Promise<void> {
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          resolve();
        } else if (!this.closed) {
          this.deliver(message, worker);
        }
      });
      worker.on('error', (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        reject(failure);
        this.fail(failure);
      });
      worker.on('exit', (code) => {
        const failure = new Error(`a worker thread ended with code ${code}`);
        reject(failure);
        this.fail(failure);
      });
    });
  }

  private deliver(message: Exclude<FromWorker, { kind: 'ready' }>, from: Worker): void {
    if (message.kind === 'adopted') {
      this.missing -= message.generation === this.generation ? 1 : 0;
      if (this.missing === 0) {
        this.adopted();
      }
    } else if (message.kind === 'answer') {
      this.answered(message.id, message.answer);
    } else if (message.kind === 'failed') {
      for (const worker of this.workers.filter((other) => other !== from)) {
        worker.postMessage(message satisfies ToWorker);
      }
    } else {
      this.handlers.log(message.severity, message.text);
    }
  }

  private answered(id: number, answer: WorkerAnswer): void {
    const inquiry = this.inquiries.get(id);
    inquiry?.answers.push(answer);
    if (inquiry?.answers.length === this.workers.length) {
      this.inquiries.delete(id);
      inquiry.resolve(inquiry.answers);
    }
  }

  private fail(error: Error): void {
    if (!this.closed) {
      this.handlers.failed(error);
    }
  }
}

function endWorker(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.threadId === ended) {
      resolve();
      return;
    }
    worker.once('exit', () => {
      resolve();
    });
    worker.postMessage({ kind: 'stop' } satisfies ToWorker);
  });
}
