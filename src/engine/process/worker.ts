// SPDX-License-Identifier: MPL-2.0

import { parentPort } from 'node:worker_threads';
import { Channel, closeDescriptor, noReason } from '../../bridge';
import { reasonCode } from '../packet/drop-reasons';
import { createPacketHandler } from '../handlers/packet-handler-factory';
import type { PacketHandler } from '../handlers/packet-handler';
import type { Drop, Sealed, Verdict } from '../packet/verdict';
import type { FromWorker, ToWorker, WorkerSettings } from '../handlers/worker-protocol';

const credentials = { certificate: 1, 'public-key': 2, unproven: 3 } as const;

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function logIfInternal(answer: Verdict | Sealed): void {
  if (answer.action === 'drop' && answer.reason === 'internal-error') {
    post({ kind: 'log', severity: 3, text: answer.text });
  }
}

/** What cannot be sent is a drop in its place: nothing that a packet brings may end the worker. */
function answer<Answer extends Verdict | Sealed>(given: Answer, send: (answer: Answer | Drop) => void): void {
  logIfInternal(given);
  try {
    send(given);
  } catch (error) {
    const text = `an answer cannot be sent: ${String(error)}`;
    const drop: Drop = { action: 'drop', reason: 'internal-error', text };
    logIfInternal(drop);
    send(drop);
  }
}

function sendVerdict(channel: Channel, id: number, verdict: Verdict): void {
  const none = { reason: 0, credential: 0, handle: 0 } as const;
  switch (verdict.action) {
    case 'drop':
      channel.verdict(id, {
        ...none,
        action: 'drop',
        reason: reasonCode(verdict.reason),
        text: verdict.text,
      });
      return;
    case 'reply':
      channel.verdict(id, {
        ...none,
        action: 'reply',
        reason: verdict.reason === undefined ? noReason : reasonCode(verdict.reason),
        text: verdict.text,
        octets: verdict.octets,
      });
      return;
    case 'replace':
      channel.verdict(id, {
        action: 'replace',
        reason: 0,
        credential: credentials[verdict.credential],
        handle: verdict.handle,
        text: verdict.text,
        octets: verdict.octets,
        ...(verdict.hostIdentifier !== undefined && { hostIdentifier: verdict.hostIdentifier }),
      });
  }
}

function sendSealed(channel: Channel, id: number, sealed: Sealed): void {
  if (sealed.action === 'replace') {
    channel.sealed(id, { action: 'replace', reason: 0, octets: sealed.octets });
    return;
  }
  channel.sealed(id, { action: 'drop', reason: reasonCode(sealed.reason) });
}

/** Serves one lane: each datagram and each answer of Kea's is a question with one answer. */
function serveLane(fd: number, handler: PacketHandler): void {
  const channel = new Channel(fd, {
    frame(frame) {
      if (frame.kind === 'receive') {
        answer(handler.receive(frame), (verdict) => {
          sendVerdict(channel, frame.id, verdict);
        });
      } else if (frame.kind === 'send') {
        answer(handler.send(frame.handle, frame.octets), (sealed) => {
          sendSealed(channel, frame.id, sealed);
        });
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

function rebound(duid: Uint8Array): void {
  post({ kind: 'rebound', duid });
}

function start(settings: WorkerSettings): PacketHandler {
  const handler = createPacketHandler(settings, Date.now, {
    log: (severity, text) => {
      post({ kind: 'log', severity, text });
    },
    bound: rebound,
    unbound: rebound,
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
