// SPDX-License-Identifier: MPL-2.0

import { parentPort } from 'node:worker_threads';
import { Channel, closeDescriptor, noReason } from '../../bridge';
import { reasonCode } from '../packet/drop-reasons';
import { createPacketHandler } from '../handlers/packet-handler-factory';
import type { PacketHandler } from '../handlers/packet-handler';
import { type Drop, pauseScopes, type Sealed, type Verdict } from '../packet/verdict';
import type { FromWorker, ToWorker, WorkerSettings } from '../handlers/worker-protocol';

const credentials = { certificate: 1, 'public-key': 2, unproven: 3 } as const;

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

/** What was last said of a program that does not sign: messages of anybody have it tried again. */
let signingProblem = '';

function logIfInternal(verdict: Verdict | Sealed): void {
  if (verdict.action !== 'drop') {
    return;
  }
  const { reason, text } = verdict;
  if (reason === 'internal-error' || (reason === 'signing-failed' && text !== signingProblem)) {
    post({ kind: 'log', severity: 3, text });
  }
  signingProblem = reason === 'signing-failed' ? text : signingProblem;
}

function sendVerdict(channel: Channel, id: number, verdict: Verdict | Sealed): void {
  switch (verdict.action) {
    case 'drop': {
      const { pause, reason } = verdict;
      const told = pause && { ...pause, scope: pauseScopes.indexOf(pause.scope) };
      channel.verdict(id, { ...verdict, reason: reasonCode(reason), pause: told });
      return;
    }
    case 'reply': {
      const reason = verdict.reason === undefined ? noReason : reasonCode(verdict.reason);
      channel.verdict(id, { ...verdict, reason });
      return;
    }
    case 'replace': {
      const credential = 'credential' in verdict ? credentials[verdict.credential] : 0;
      channel.verdict(id, { ...verdict, credential });
    }
  }
}

/** What cannot be sent is a drop in its place: nothing that a packet brings may end the worker. */
function answer(channel: Channel, id: number, verdict: Verdict | Sealed): void {
  logIfInternal(verdict);
  try {
    sendVerdict(channel, id, verdict);
  } catch (error) {
    const text = `an answer cannot be sent: ${String(error)}`;
    const drop: Drop = { action: 'drop', reason: 'internal-error', text };
    logIfInternal(drop);
    sendVerdict(channel, id, drop);
  }
}

/** Serves one lane: each datagram and each answer of Kea's is a question with one answer. */
function serveLane(fd: number, handler: PacketHandler): void {
  const channel = new Channel(fd, {
    frame(frame) {
      if (frame.kind === 'receive') {
        answer(channel, frame.id, handler.receive(frame));
      } else if (frame.kind === 'send') {
        answer(channel, frame.id, handler.send(frame.handle, frame.octets));
      } else {
        post({ kind: 'log', severity: 2, text: `a ${frame.kind} frame on a lane: the lane is closed` });
        channel.close();
      }
    },
    closed() {
      // The hook closes its lanes when a packet thread ends; there is nothing to keep.
    },
  });
}

function start(settings: WorkerSettings): PacketHandler {
  const handler = createPacketHandler(settings, Date.now, {
    log: (severity, text) => {
      post({ kind: 'log', severity, text });
    },
    failed: (names) => {
      post({ kind: 'failed', names });
    },
  });
  post({ kind: 'ready' });
  return handler;
}

// A refused packet is an error object; nobody reads where it was made.
Error.stackTraceLimit = 4;
let handler: PacketHandler | undefined;
parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'start') {
    handler = start(message.settings);
  } else if (message.kind === 'material') {
    handler?.adopt(message.material);
    post({ kind: 'adopted', generation: message.generation });
  } else if (message.kind === 'ask') {
    if (handler !== undefined) {
      post({ kind: 'answer', id: message.id, answer: handler.administration.answer(message.question) });
    }
  } else if (message.kind === 'failed') {
    handler?.countFailure(message.names);
  } else if (message.kind === 'keys') {
    handler?.adoptKeys(message.keys);
  } else if (message.kind === 'stop') {
    process.exit();
  } else if (handler === undefined) {
    closeDescriptor(message.fd);
  } else {
    serveLane(message.fd, handler);
  }
});
