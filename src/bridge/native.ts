// SPDX-License-Identifier: MPL-2.0

import { join } from 'node:path';
import { markAsUntransferable } from 'node:worker_threads';

/**
 * Why a connection ended: by its peer, for a malformed frame, for one that this end does not take, by an error of the
 * socket, or because a frame that must not be lost found no room to wait.
 */
export type CloseReason = 'ended' | 'malformed' | 'unexpected' | 'failed' | 'overflow';

/** Octets that are sent without a copy, also from several places. */
export type Gathered = Uint8Array | readonly Uint8Array[];

/**
 * What an Endpoint does with the hook's frames (native/channel/frame.h), each with the layout's fields. Octets come as
 * offsets into `slab()`: where they begin, and (`end`) the first one behind them; the frame is gone when the
 * handler returns. A kind without a handler is not accepted.
 */
export interface NativeEndpointHandlers {
  configure?(id: number, descriptor: number): void;
  lane?(id: number, worker: number, descriptor: number): void;
  command?(id: number, text: number, end: number): void;
  receive?(
    id: number,
    mode: 0 | 1 | 2 | 3,
    interfaceIndex: number,
    source: number,
    octets: number,
    end: number,
  ): void;
  send?(id: number, handle: number, octets: number, end: number): void;
  /** Not called after close(). */
  closed(reason: CloseReason): void;
}

/** The engine's end of a SEQPACKET connection. Each sender returns whether the frame was sent, or will be. */
export interface NativeEndpoint {
  configured(id: number, status: number, text: string): boolean;
  answer(id: number, text: string): boolean;
  log(severity: number, text: string): boolean;
  verdict(
    id: number,
    action: number,
    credential: number,
    reason: number,
    handle: number,
    text: string,
    octets?: Gathered,
    hostIdentifier?: Uint8Array,
    sender?: Uint8Array,
  ): boolean;
  /** From here on no handler is called. */
  close(): void;
  /** Frames that found no room to wait. */
  readonly dropped: number;
  /** Frames that wait until the peer reads. */
  readonly waiting: number;
}

export interface NativeListener {
  close(): void;
}

/** The inputs of path validation (RFC 5280 section 6.1.1) besides path and trust anchors. */
export interface NativePathOptions {
  /** Whose role the end entity must have; `any` leaves out what its key may be used for. */
  readonly purpose: 'client' | 'server' | 'any';
  /** Its key must be allowed to decrypt, too. */
  readonly decrypts: boolean;
  /** Unix seconds. */
  readonly time: number;
  /** OpenSSL's; 2 is 112 bits. */
  readonly securityLevel: number;
  readonly revocation: 'none' | 'listed' | 'all';
  /** user-initial-policy-set, dotted. */
  readonly policies: readonly string[];
  readonly requireExplicitPolicy: boolean;
  readonly inhibitPolicyMapping: boolean;
  readonly inhibitAnyPolicy: boolean;
  readonly lenientIssuers: boolean;
}

export type NativePathResult =
  | {
      readonly accepted: true;
      readonly path: readonly Buffer[];
      /** Unix seconds. */
      readonly notAfter: number;
      readonly warnings: readonly string[];
    }
  | { readonly accepted: false; readonly depth: number; readonly code: string; readonly message: string };

export interface NativePathStore {
  verify(chain: readonly Uint8Array[], options: NativePathOptions): NativePathResult;
  /** @param certificate a digest of a path that was accepted */
  lists(certificate: Uint8Array): boolean;
  /** Frees it, unless another store has the same material; from here on the others throw. */
  release(): void;
}

/** The curves of the addon. Points of the NIST curves are uncompressed (SEC 1 section 2.3.3). */
export type NativeCurve = 'P-256' | 'P-384' | 'X25519';

/** A point that has been found to be on its curve. */
export interface NativeEcPublicKey {
  /**
   * @param signature r || s, each as long as a field element; of any other length it is wrong
   * @throws Error on X25519
   */
  verify(hash: string, data: Uint8Array, signature: Uint8Array): boolean;
  /**
   * A fresh key pair's public point, and behind it the secret that it agrees on with this key; undefined where that
   * is, on X25519, zero.
   */
  encapsulate(): Buffer | undefined;
}

export interface NativeEcPrivateKey {
  /** The public point. */
  point(): Buffer;
  /** The x coordinate; undefined where the point is none of the curve, or the result, on X25519, is zero. */
  agree(point: Uint8Array): Buffer | undefined;
  /** OpenSSL overwrites the scalar; from here on the others throw. */
  release(): void;
}

/** An encapsulation key of ML-KEM-768 (FIPS 203). */
export interface NativeMlKemPublicKey {
  /** @param m 32 random octets @returns the ciphertext (1088 octets), and behind it the shared secret (32) */
  encapsulate(m: Uint8Array): Buffer;
}

export interface NativeMlKemPrivateKey {
  /** The encapsulation key: 1184 octets. */
  publicKey(): Buffer;
  /** The shared secret; undefined where the ciphertext has not 1088 octets. */
  decapsulate(ciphertext: Uint8Array): Buffer | undefined;
  /** OpenSSL overwrites the key; from here on the others throw. */
  release(): void;
}

export interface NativeDerProblem {
  /** Octets from the start to the value at fault. */
  readonly offset: number;
  readonly detail: string;
}

/** The whole native surface: the exports of native/bridge/addon.cc. */
export interface NativeBridge {
  readonly Endpoint: new (fd: number, handlers: NativeEndpointHandlers) => NativeEndpoint;
  readonly Listener: new (
    at: string | number,
    connection: (fd: number, uid: number, pid: number) => void,
  ) => NativeListener;
  readonly PathStore: new (
    anchors: readonly Uint8Array[],
    intermediates: readonly Uint8Array[],
    crls: readonly Uint8Array[],
    lapsedCrls: readonly Uint8Array[],
  ) => NativePathStore;
  readonly EcPublicKey: new (curve: NativeCurve, point: Uint8Array) => NativeEcPublicKey;
  readonly EcPrivateKey: new (
    curve: NativeCurve,
    scalar: Uint8Array,
    point?: Uint8Array,
  ) => NativeEcPrivateKey;
  /** Whether OpenSSL has ML-KEM (3.5 and later). */
  hasMlKem(): boolean;
  readonly MlKemPublicKey: new (key: Uint8Array) => NativeMlKemPublicKey;
  readonly MlKemPrivateKey: new (seed: Uint8Array) => NativeMlKemPrivateKey;
  /** Writes ciphertext and tag. `cipher` is OpenSSL's name of an AEAD with nonces of 12 octets and tags of 16. */
  sealAead(
    cipher: string,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    out: Uint8Array,
  ): void;
  /** Writes the plaintext, or zeros if the tag does not verify. @returns whether it does */
  openAead(
    cipher: string,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
    out: Uint8Array,
  ): boolean;
  hmac(hash: string, key: Uint8Array, data: Uint8Array, out: Uint8Array): void;
  /** A Name in the form in which OpenSSL compares it; what is no Name in DER stays as it is. */
  canonicalName(name: Uint8Array): Buffer;
  /** Why the octets are not one value in strict DER; undefined if they are. */
  derProblem(octets: Uint8Array): NativeDerProblem | undefined;
  /** The codes that a NativePathResult can have. */
  readonly pathRules: readonly string[];
  /** Where received frames lie, one Buffer for the thread. */
  slab(): Buffer;
  closeDescriptor(fd: number): void;
  lockDescriptor(fd: number): boolean;
  /** Of a user's name; undefined where there is no such user. */
  userId(name: string): number | undefined;
  forbidCoreDumps(): void;
  readonly actions: Readonly<Record<'drop' | 'replace' | 'reply', number>>;
  readonly statuses: Readonly<Record<'accepted' | 'refused', number>>;
  /** `none` stands in place of a reason if there is none. */
  readonly reasons: Readonly<Record<'none', number>>;
}

/** Of every export its type: an addon of another version is refused here, not somewhere later. */
const exportTypes: Readonly<Record<keyof NativeBridge, 'function' | 'object'>> = {
  Endpoint: 'function',
  Listener: 'function',
  PathStore: 'function',
  EcPublicKey: 'function',
  EcPrivateKey: 'function',
  hasMlKem: 'function',
  MlKemPublicKey: 'function',
  MlKemPrivateKey: 'function',
  sealAead: 'function',
  openAead: 'function',
  hmac: 'function',
  canonicalName: 'function',
  derProblem: 'function',
  pathRules: 'object',
  slab: 'function',
  closeDescriptor: 'function',
  lockDescriptor: 'function',
  userId: 'function',
  forbidCoreDumps: 'function',
  actions: 'object',
  statuses: 'object',
  reasons: 'object',
};

function isNativeBridge(exports: object): exports is NativeBridge {
  return Object.entries(exportTypes).every(([name, type]) => typeof Reflect.get(exports, name) === type);
}

function load(path: string): NativeBridge {
  const holder = { exports: {} };
  process.dlopen(holder, path);
  if (!isNativeBridge(holder.exports)) {
    throw new Error(`${path}: the addon is of another version; build it again (npm run build:addon)`);
  }
  const addon: NativeBridge = holder.exports;
  return {
    ...addon,
    slab: () => {
      const memory = addon.slab();
      // A handler that posted a view to another thread with its memory would take every channel's memory away.
      markAsUntransferable(memory.buffer);
      return memory;
    },
  };
}

/** KEA_HOOKS_BRIDGE names another build of the addon (with sanitizers). */
export const native: NativeBridge = load(
  process.env['KEA_HOOKS_BRIDGE'] ?? join(__dirname, '../../build/Release/kea_hooks_bridge.node'),
);
