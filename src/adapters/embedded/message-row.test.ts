import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewMessage } from '../../ports/message-store.ts';
import { ID_BYTES, parseMessageId, parseRoomId, parseUserId } from '../../protocol/ids.ts';
import { decodePosition, encodeMessage } from './message-row.ts';

const id = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES });

/** A settled position of an earlier layout. */
function voidRow(expiresAt: number): Buffer {
  const row = Buffer.alloc(9);
  row.writeDoubleBE(expiresAt, 1);
  return row;
}

describe('a stored message', () => {
  it('comes back as it was, in memory of its own', () => {
    const bytes = fc.uint8Array({ maxLength: 600 });
    const [room, user, message] = [parseRoomId('0'.repeat(32)), parseUserId, parseMessageId];
    fc.assert(
      fc.property(
        id,
        id,
        fc.boolean(),
        fc.maxSafeNat(),
        bytes,
        bytes,
        bytes,
        (from, name, isChunked, at, header, headerHash, ciphertext) => {
          const [sender, messageId] = [user(from), message(name)];
          if (room === undefined || sender === undefined || messageId === undefined)
            throw new TypeError('16 bytes are an id');
          const none = new Uint8Array(0);
          const fields = { at, sender, messageId, header, headerHash, ciphertext, expiresAt: at + 1 };
          const whole: NewMessage = { ...fields, room, seq: 1, recipients: none, wraps: none };
          const row = encodeMessage(whole, isChunked);
          const decoded = decodePosition(row);
          row.fill(0);
          expect(decoded).toEqual({ kind: 'message', isChunked, ...fields });
        },
      ),
    );
    expect(decodePosition(voidRow(12))).toEqual({ kind: 'void', expiresAt: 12 });
  });

  it('is a fault when it was cut, never another message', () => {
    const row = voidRow(1);
    for (let length = 0; length < row.length; length += 1) {
      expect(() => decodePosition(row.subarray(0, length))).toThrow('a message row');
    }
  });
});
