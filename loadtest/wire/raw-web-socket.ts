import { randomBytes } from 'node:crypto';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CLOSE_NORMAL } from '../../src/protocol/codes.ts';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../src/protocol/limits.ts';
import type { FrameCounter } from './frame-counter.ts';

const BINARY = 0x82;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;
const MASKED = 0x80;
/** Bytes kept free before what is read, for the unfinished head of a frame from the read before. */
const CARRY_BYTES_MAX = 64;
const READ_BYTES = 256 * 1_024;

/** All sockets of a process read into the same memory: what is read is used up before the next read. */
export class ReadBuffer {
  readonly all: Buffer = Buffer.allocUnsafeSlow(CARRY_BYTES_MAX + READ_BYTES);
  readonly reads: Buffer = this.all.subarray(CARRY_BYTES_MAX);
}

/**
 * A WebSocket client that costs next to nothing, so that on two cores the load does not become what is measured. It
 * masks with zeros, reads all sockets into one buffer, and counts deliveries by their headers alone.
 */
export class RawWebSocket {
  static readonly #open = new Set<RawWebSocket>();
  readonly #socket: Socket;
  readonly #buffer: ReadBuffer;
  #pending: Buffer = Buffer.alloc(0);
  #carried = 0;
  readonly #carry: Buffer = Buffer.alloc(CARRY_BYTES_MAX);
  #upgraded: (() => void) | undefined;
  #counter: FrameCounter | undefined;
  /** Valid during the call only. */
  onFrame: (payload: Buffer) => void = () => undefined;
  /** With the code of a close frame, or 1006. */
  onClose: (code: number) => void = () => undefined;
  #closeCode = 1006;

  private constructor(url: URL, buffer: ReadBuffer, localAddress: string | undefined) {
    this.#buffer = buffer;
    const isTls = url.protocol === 'wss:';
    const options: TcpNetConnectOpts = {
      // Node wants an IPv6 address without its brackets.
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (isTls ? 443 : 80)),
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
      onread: {
        buffer: buffer.reads,
        callback: (count) => {
          this.#read(count);
          return true;
        },
      },
    };
    this.#socket = isTls ? connectTls({ ...options, servername: url.hostname }) : connect(options);
    this.#socket.on('close', () => {
      RawWebSocket.#open.delete(this);
      this.onClose(this.#closeCode);
    });
  }

  /** Rejects when the server refuses the connection or the upgrade. `localAddress`: to dial from, for more ports. */
  static async open(url: string, buffer: ReadBuffer, localAddress?: string): Promise<RawWebSocket> {
    const parsed = new URL(url);
    const socket = new RawWebSocket(parsed, buffer, localAddress);
    await new Promise<void>((resolve, reject) => {
      socket.#socket.once('error', reject);
      socket.onClose = () => reject(new Error('the upgrade was refused'));
      socket.#upgraded = resolve;
      socket.#socket.write(
        `GET ${WEBSOCKET_PATH} HTTP/1.1\r\nHost: ${parsed.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
      );
    });
    socket.onClose = () => undefined;
    socket.#socket.on('error', () => undefined);
    RawWebSocket.#open.add(socket);
    return socket;
  }

  /** Closes all that this process has open, as clients do that leave: a gateway counts none of them as lost. */
  static closeAll(): void {
    for (const socket of RawWebSocket.#open) socket.close(CLOSE_NORMAL);
  }

  send(payload: Uint8Array): void {
    this.#socket.write(clientFrame(BINARY, payload));
  }

  /** A frame made by `binaryFrame`, which must not change before it is out. */
  sendFrame(frame: Buffer): void {
    this.#socket.write(frame);
  }

  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** From now on frames are counted, not handed over. */
  countWith(counter: FrameCounter): void {
    this.#counter = counter;
    if (this.#pending.length > 0) throw new Error('a frame is half read');
  }

  close(code: number): void {
    this.#socket.end(clientFrame(CLOSE, Uint8Array.of(code >> 8, code & 0xff)));
  }

  /** What is sent from now on waits at the other side. */
  pauseReading(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(count: number): void {
    if (this.#counter === undefined) this.#assemble(this.#buffer.reads.subarray(0, count));
    else this.#count(this.#counter, count);
  }

  #count(counter: FrameCounter, count: number): void {
    const from = CARRY_BYTES_MAX - this.#carried;
    if (this.#carried > 0) this.#carry.copy(this.#buffer.all, from, 0, this.#carried);
    const until = CARRY_BYTES_MAX + count;
    const at = counter.walk(this.#buffer.all, from, until);
    this.#carried = until - at;
    if (this.#carried > 0) this.#buffer.all.copy(this.#carry, 0, at, until);
    if (counter.takePing()) this.#socket.write(clientFrame(PONG, new Uint8Array(0)));
  }

  #assemble(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (this.#upgraded !== undefined) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!this.#pending.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.#socket.destroy();
        return;
      }
      this.#pending = this.#pending.subarray(end + 4);
      this.#upgraded();
      this.#upgraded = undefined;
    }
    for (;;) {
      const frame = serverFrame(this.#pending);
      if (frame === undefined) return;
      this.#pending = this.#pending.subarray(frame.end);
      const payload = frame.payload;
      if (frame.first === BINARY) this.onFrame(payload);
      else if (frame.first === PING) this.#socket.write(clientFrame(PONG, payload));
      else if (frame.first === CLOSE) {
        this.#closeCode = payload.length >= 2 ? payload.readUInt16BE() : 1005;
        this.#socket.end();
      }
    }
  }
}

/** A binary frame with its mask, ready to be written. */
export function binaryFrame(payload: Uint8Array): Buffer {
  return clientFrame(BINARY, payload);
}

/** Where the payload begins in a frame made by `binaryFrame`. */
export function payloadAt(frame: Buffer): number {
  const length = (frame[1] ?? 0) & 0x7f;
  return (length === 127 ? 10 : length === 126 ? 4 : 2) + 4;
}

function clientFrame(first: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(size + 4 + length);
  frame[0] = first;
  if (size === 2) frame[1] = MASKED | length;
  else if (size === 4) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.set(payload, size + 4);
  return frame;
}

function serverFrame(bytes: Buffer): { first: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const size = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < size) return undefined;
  const length =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  const end = size + length;
  if (bytes.length < end) return undefined;
  return { first: bytes[0] ?? 0, payload: bytes.subarray(size, end), end };
}
