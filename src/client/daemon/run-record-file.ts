// SPDX-License-Identifier: MPL-2.0

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { ClientError } from '../errors';
import { replaceFile } from '../replace-file';
import type { ClientEvent } from './events';
import { ownProcess, type ProcessIdentity } from './process-identity';
import { recordAfter, type RunProblem, type RunRecord, runStates } from './run-record';

/** The record lies beside the lease. */
export function runRecordPath(leaseFile: string): string {
  return `${leaseFile}.run`;
}

/** Undefined where there is none. @throws ClientError `lease-file` */
export function readRunRecord(path: string): RunRecord | undefined {
  if (!existsSync(path)) {
    return undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw failure(path, 'cannot be read', error);
  }
  const record = parse(json);
  if (record === undefined) {
    throw failure(path, 'is none of a running client');
  }
  return record;
}

/** Writes the record of this process at each event, and takes it away at the end. */
export class RunRecordKeeper {
  private record: RunRecord | undefined;

  constructor(
    private readonly path: string,
    interfaceName: string,
  ) {
    const begin = { started: 0, since: 0, state: 'starting', problem: undefined } as const;
    this.record = { interface: interfaceName, process: ownProcess(), ...begin };
  }

  /** @throws ClientError `lease-file` */
  tell(event: ClientEvent): void {
    this.record = this.record && recordAfter(this.record, event);
    try {
      if (this.record === undefined) {
        rmSync(this.path, { force: true });
      } else {
        replaceFile(this.path, `${JSON.stringify(this.record, undefined, 2)}\n`);
      }
    } catch (error) {
      throw failure(this.path, 'cannot be written', error);
    }
  }
}

function parse(json: unknown): RunRecord | undefined {
  const map = mapOf(json);
  const [interfaceName, started, since] = [map.get('interface'), map.get('started'), map.get('since')];
  const state = runStates.find((known) => known === map.get('state'));
  const process = processOf(map.get('process'));
  return typeof interfaceName === 'string' &&
    typeof started === 'number' &&
    typeof since === 'number' &&
    state !== undefined &&
    process !== undefined
    ? { interface: interfaceName, process, started, state, since, problem: problemOf(map.get('problem')) }
    : undefined;
}

function processOf(json: unknown): ProcessIdentity | undefined {
  const map = mapOf(json);
  const [pid, startTime] = [map.get('pid'), map.get('startTime')];
  const [bootId, pidNamespace] = [map.get('bootId'), map.get('pidNamespace')];
  return typeof pid === 'number' &&
    typeof startTime === 'number' &&
    typeof bootId === 'string' &&
    typeof pidNamespace === 'string'
    ? { pid, startTime, bootId, pidNamespace }
    : undefined;
}

function problemOf(json: unknown): RunProblem | undefined {
  const map = mapOf(json);
  const [time, code, message] = [map.get('time'), map.get('code'), map.get('message')];
  return typeof time === 'number' && typeof code === 'string' && typeof message === 'string'
    ? { time, code, message }
    : undefined;
}

function mapOf(json: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof json === 'object' && json !== null ? Object.entries(json) : []);
}

function failure(path: string, what: string, cause?: unknown): ClientError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new ClientError('lease-file', `the record ${path} ${what}${reason}`, { cause });
}
