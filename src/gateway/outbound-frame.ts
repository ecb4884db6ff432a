import { WRAP_BYTES } from '../protocol/limits.ts';

/**
 * A frame on its way to any number of sessions. A delivery is one frame for all of its recipients: `bytes` ends in
 * room for a wrap, which every send fills with the recipient's own just before the socket copies it.
 */
export class OutboundFrame {
  readonly bytes: Uint8Array;
  /** All wraps of a delivery, one after the other; undefined for a frame that is the same for everyone. */
  readonly wraps: Uint8Array | undefined;

  private constructor(bytes: Uint8Array, wraps: Uint8Array | undefined) {
    this.bytes = bytes;
    this.wraps = wraps;
  }

  static whole(bytes: Uint8Array): OutboundFrame {
    return new OutboundFrame(bytes, undefined);
  }

  /** Keeps `wraps`; copies `prefix`. */
  static delivery(prefix: Uint8Array, wraps: Uint8Array): OutboundFrame {
    // From Node's pool of buffers: an allocation of its own costs more than the fan-out to ten sessions.
    const bytes = Buffer.allocUnsafe(prefix.length + WRAP_BYTES);
    bytes.set(prefix);
    return new OutboundFrame(bytes, wraps);
  }

  /** The frame for the recipient whose wrap begins at `wrapAt`; valid until the next call. */
  bytesFor(wrapAt: number): Uint8Array {
    if (this.wraps !== undefined) {
      this.bytes.set(this.wraps.subarray(wrapAt, wrapAt + WRAP_BYTES), this.bytes.length - WRAP_BYTES);
    }
    return this.bytes;
  }
}
