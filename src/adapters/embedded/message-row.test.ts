import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewMessage } from '../../ports/message-store.ts';
import { concatBytes } from '../../protocol/bytes.ts';
import { ID_BYTES, idBytes, parseMessageId, parseRoomId, parseUserId } from '../../protocol/ids.ts';
import { decodeCopies, decodePosition, encodeCopies, encodeMessage, wrapIn } from './message-row.ts';

const id = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES });
const ids = fc
  .uniqueArray(id, { maxLength: 40, selector: String })
  .map((all) => all.sort((one, other) => Buffer.compare(one, other)));

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
        fc.maxSafeNat(),
        bytes,
        bytes,
        bytes,
        (from, name, at, header, headerHash, ciphertext) => {
          const [sender, messageId] = [user(from), message(name)];
          if (room === undefined || sender === undefined || messageId === undefined)
            throw new TypeError('16 bytes are an id');
          const none = new Uint8Array(0);
          const fields = { at, sender, messageId, header, headerHash, ciphertext, expiresAt: at + 1 };
          const whole: NewMessage = { ...fields, room, seq: 1, recipients: none, wraps: none };
          const row = encodeMessage(whole);
          const decoded = decodePosition(row);
          row.fill(0);
          expect(decoded).toEqual({ kind: 'message', ...fields });
        },
      ),
    );
    expect(decodePosition(voidRow(12))).toEqual({ kind: 'void', expiresAt: 12 });
  });

  it('gives each recipient its own wrap, and nobody else one, whatever the length of wraps', () => {
    fc.assert(
      fc.property(ids, id, fc.nat(300), (recipients, stranger, wrapBytes) => {
        const wraps = recipients.map((_, index) => new Uint8Array(wrapBytes).fill(index));
        const parts = { recipients: concatBytes(...recipients), wraps: concatBytes(...wraps) };
        const row = new Uint8Array(encodeCopies(parts));
        expect(decodeCopies(row)).toEqual(parts);
        for (const [index, recipient] of recipients.entries())
          expect(wrapIn(row, recipient)).toEqual(wraps[index]);
        const known = recipients.some((recipient) => Buffer.compare(recipient, stranger) === 0);
        if (!known) expect(wrapIn(row, stranger)).toBeUndefined();
      }),
    );
  });

  it('is a fault when it was cut, never another message', () => {
    const row = voidRow(1);
    for (let length = 0; length < row.length; length += 1) {
      expect(() => decodePosition(row.subarray(0, length))).toThrow('a message row');
    }
    const user = parseUserId('1'.repeat(32));
    if (user === undefined) throw new TypeError('32 digits are an id');
    const copies = encodeCopies({ recipients: idBytes(user), wraps: new Uint8Array(0) });
    for (let length = 0; length < copies.length; length += 1) {
      expect(() => decodeCopies(copies.subarray(0, length))).toThrow('a row of copies');
    }
  });
});
