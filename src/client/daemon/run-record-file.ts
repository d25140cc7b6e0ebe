// SPDX-License-Identifier: MPL-2.0

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { JsonReader, replaceFile } from '../../support';
import { ClientError } from '../exchange/errors';
import type { ClientEvent } from '../lease/events';
import { ownProcess, type ProcessIdentity } from './process-identity';
import { recordAfter, type RunProblem, type RunRecord, runStates } from './run-record';

/** Linux's PID_MAX_LIMIT. */
const MAX_PID = 4_194_304;

/** The record is stored beside the lease. */
export function runRecordPath(leaseFile: string): string {
  return `${leaseFile}.run`;
}

/** Undefined if there is none. @throws ClientError `lease-file` */
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
  return recordOf(
    new JsonReader(json, (text) => failure(path, `is not the record of a client daemon: ${text}`)),
  );
}

/** Writes the record of this process at each event, and removes it at the end. */
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

function recordOf(json: JsonReader): RunRecord {
  const problem = json.member('problem');
  return {
    interface: json.member('interface').text(),
    process: processOf(json.member('process')),
    started: json.member('started').moment(),
    state: json.member('state').oneOf(runStates),
    since: json.member('since').moment(),
    problem: problem.isAbsent ? undefined : problemOf(problem),
  };
}

function processOf(json: JsonReader): ProcessIdentity {
  return {
    pid: json.member('pid').integer(1, MAX_PID),
    startTime: json.member('startTime').integer(0, Number.MAX_SAFE_INTEGER),
    bootId: json.member('bootId').text(),
    pidNamespace: json.member('pidNamespace').text(),
  };
}

function problemOf(json: JsonReader): RunProblem {
  return {
    time: json.member('time').moment(),
    code: json.member('code').text(),
    message: json.member('message').text(),
  };
}

function failure(path: string, what: string, cause?: unknown): ClientError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new ClientError('lease-file', `the record ${path} ${what}${reason}`, { cause });
}
