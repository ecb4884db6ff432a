import { WebSocket } from 'ws';
import { OUTBOUND_FRAME_BYTES_MAX } from '../../src/protocol/limits.ts';

const HANDSHAKE_MS_MAX = 10_000;

/** A WebSocket that takes no more from a server than the protocol allows, and offers no compression. */
export class BoundedWebSocket extends WebSocket {
  constructor(address: string, subprotocol: string) {
    super(address, subprotocol, {
      maxPayload: OUTBOUND_FRAME_BYTES_MAX,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS_MAX,
    });
  }
}
