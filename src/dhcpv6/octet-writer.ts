// SPDX-License-Identifier: MPL-2.0
import { checkCountable, checkInteger, checkLength, MAX_UINT16, MAX_UINT32, MAX_UINT8 } from './check';
import { EncodeError } from './errors';
import { IPV6_LENGTH } from './ipv6';
import { type DhcpOption, encodeOptions } from './option';

/** Puts fields one after the other, each checked; `argument` names the value in errors. */
export class OctetWriter {
  private readonly parts: Buffer[] = [];

  /** @throws EncodeError `out-of-range` */
  uint8(value: number, argument: string): this {
    checkInteger(value, 0, MAX_UINT8, argument);
    return this.octets(Buffer.of(value));
  }

  /** @throws EncodeError `out-of-range` */
  uint16(value: number, argument: string): this {
    checkInteger(value, 0, MAX_UINT16, argument);
    const octets = Buffer.alloc(2);
    octets.writeUInt16BE(value);
    return this.octets(octets);
  }

  /** @throws EncodeError `out-of-range` */
  uint32(value: number, argument: string): this {
    checkInteger(value, 0, MAX_UINT32, argument);
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(value);
    return this.octets(octets);
  }

  octets(value: Buffer): this {
    this.parts.push(value);
    return this;
  }

  /** @throws EncodeError `wrong-length` */
  fixed(value: Buffer, length: number, argument: string): this {
    checkLength(value, length, argument);
    return this.octets(value);
  }

  /** @throws EncodeError `wrong-length` */
  address(value: Buffer, argument: string): this {
    return this.fixed(value, IPV6_LENGTH, argument);
  }

  /** Octets preceded by their number in 16 bits. @throws EncodeError `too-long` */
  counted(value: Buffer, argument: string): this {
    checkCountable(value.length, argument);
    return this.uint16(value.length, argument).octets(value);
  }

  /** @throws EncodeError `invalid-text` */
  text(value: string, argument: string): this {
    const octets = Buffer.from(value, 'utf8');
    if (octets.toString('utf8') !== value) {
      throw new EncodeError('invalid-text', argument, 'a lone surrogate');
    }
    return this.octets(octets);
  }

  /** @throws EncodeError `out-of-range`, `too-long` */
  options(options: readonly DhcpOption[]): this {
    return this.octets(encodeOptions(options));
  }

  finish(): Buffer {
    return Buffer.concat(this.parts);
  }
}
