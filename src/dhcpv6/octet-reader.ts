// SPDX-License-Identifier: MPL-2.0
import { DecodeError, type DecodeErrorCode } from './errors';
import { IPV6_LENGTH } from './ipv6';
import { decodeOptionRange, type DhcpOption } from './option';

/**
 * Takes fields off the front of an option's data, each wholly or with a DecodeError. A decoder ends with
 * `finish` or with one of the `remaining…` methods, so that nothing is left unread. Buffers are views.
 */
export class OctetReader {
  /** `what` names the octets in errors. */
  constructor(
    private readonly octets: Buffer,
    private readonly what: string,
    private position = 0,
    private readonly end = octets.length,
  ) {}

  /** Of the next octet to be read. */
  get offset(): number {
    return this.position;
  }

  get atEnd(): boolean {
    return this.position === this.end;
  }

  private advance(length: number, field: string): number {
    const at = this.position;
    if (this.end - at < length) {
      throw this.error('truncated', `${field} needs ${length} octets, ${this.end - at} left`);
    }
    this.position = at + length;
    return at;
  }

  /** @throws DecodeError `truncated` */
  uint8(field: string): number {
    return this.octets.readUInt8(this.advance(1, field));
  }

  /** @throws DecodeError `truncated` */
  uint16(field: string): number {
    return this.octets.readUInt16BE(this.advance(2, field));
  }

  /** @throws DecodeError `truncated` */
  uint32(field: string): number {
    return this.octets.readUInt32BE(this.advance(4, field));
  }

  /** @throws DecodeError `truncated` */
  take(length: number, field: string): Buffer {
    const at = this.advance(length, field);
    return this.octets.subarray(at, at + length);
  }

  /** @throws DecodeError `truncated` */
  address(field: string): Buffer {
    return this.take(IPV6_LENGTH, field);
  }

  /** Octets preceded by their number in 16 bits. @throws DecodeError `truncated` */
  counted(field: string): Buffer {
    return this.take(this.uint16(`${field} length`), field);
  }

  /**
   * A reader of the next `length` octets alone, which reports offsets as this one does.
   * @throws DecodeError `truncated`
   */
  within(length: number, field: string): OctetReader {
    const at = this.advance(length, field);
    return new OctetReader(this.octets, this.what, at, at + length);
  }

  remaining(): Buffer {
    return this.take(this.end - this.position, 'rest');
  }

  /**
   * UTF-8 to the last octet; anything else is refused, so that the text encodes to the same octets again.
   * @throws DecodeError `invalid-text`
   */
  remainingText(): string {
    const at = this.position;
    const octets = this.remaining();
    const text = octets.toString('utf8');
    if (!Buffer.from(text, 'utf8').equals(octets)) {
      throw this.error('invalid-text', 'text that is not UTF-8', at);
    }
    return text;
  }

  /** @throws DecodeError `truncated` */
  remainingOptions(): DhcpOption[] {
    const options = decodeOptionRange(this.octets, this.position, this.end);
    this.position = this.end;
    return options;
  }

  /** @throws DecodeError `trailing-octets` */
  finish(): void {
    if (!this.atEnd) {
      throw this.error('trailing-octets', `${this.end - this.position} octets left over`);
    }
  }

  /** For the caller to throw. */
  error(code: DecodeErrorCode, detail: string, offset = this.position): DecodeError {
    return new DecodeError(code, offset, `${this.what}: ${detail}`);
  }
}
